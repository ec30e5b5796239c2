/**
 * Writes the dashboards that Grafana loads.
 *
 *   npm run grafana:render [-- --out FOLDER]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { renderDashboards } from "./dashboards/all.ts";

const { values } = parseArgs({ options: { out: { type: "string", default: "monitoring/grafana/dashboards" } } });

mkdirSync(values.out, { recursive: true });
for (const [file, text] of renderDashboards()) {
  writeFileSync(join(values.out, file), text);
  console.log(file);
}
