/**
 * Writes prometheus.yml, alertmanager.yml and the rules for other addresses than those of docker-compose.yml.
 *
 *   node --import tsx scripts/monitoring/render.ts --settings monitoring.yaml --out FOLDER
 *   promtool check config FOLDER/prometheus.yml && amtool check-config FOLDER/alertmanager.yml
 */
import { parseArgs } from "node:util";
import { loadMonitoringSettings, MonitoringSettingsError } from "./monitoring-settings.ts";
import { renderMonitoring, writeMonitoring } from "./render-monitoring.ts";

const { values } = parseArgs({ options: { settings: { type: "string" }, out: { type: "string" } } });

if (values.settings === undefined || values.out === undefined) {
  console.error("--settings FILE says where everything stands, --out FOLDER where the files go.");
  process.exitCode = 2;
} else {
  try {
    const files = renderMonitoring(loadMonitoringSettings(values.settings));
    writeMonitoring(files, values.out);
    for (const file of files.keys()) console.log(file);
  } catch (failure) {
    // What the caller can mend is said in words; anything else is a fault of ours and keeps its trace.
    if (!(failure instanceof MonitoringSettingsError)) throw failure;
    console.error(failure.message);
    process.exitCode = 1;
  }
}
