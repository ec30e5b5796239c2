import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkMonitoringSettings } from "../../monitoring/monitoring-settings.ts";
import { renderMonitoring, writeMonitoring } from "../../monitoring/render-monitoring.ts";
import { type Deployment, places } from "./deployment.ts";
import { isRunning, type KeptProcess, launch, untilReady } from "./kept-process.ts";
import { answersWell } from "./our-programs.ts";

const limitMs = 30_000;
/** Often, so that what is measured is seen before the report is written. */
const scrapeIntervalMs = 2000;

/** Prometheus with the configuration and rules that we ship, asking every part of the deployment. @param rules another folder of `*.yml` */
export async function startPrometheus(deployment: Deployment, rules: string | undefined): Promise<KeptProcess> {
  const { prometheus: folder } = places(deployment.folder);
  writeConfiguration(deployment);
  if (rules !== undefined) {
    for (const file of readdirSync(rules).filter((name) => name.endsWith(".yml")))
      copyFileSync(join(resolve(rules), file), join(folder, "rules", file));
  }
  const { prometheus: port } = deployment.ports;
  const prometheus = await launch({
    name: "prometheus",
    command: [
      "prometheus",
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--storage.tsdb.retention.time=1d",
      "--enable-feature=exemplar-storage",
    ],
    folder,
    log: join(folder, "prometheus.log"),
  });
  await untilReady(prometheus, () => answersWell(`http://127.0.0.1:${port}`, "/-/ready"), limitMs);
  return prometheus;
}

/** Tells it which gateways there are now. */
export function reloadPrometheus(deployment: Deployment): void {
  const prometheus = deployment.services.find(({ name }) => name === "prometheus");
  if (prometheus === undefined) return;
  writeConfiguration(deployment);
  // One that has ended is told when it starts again; who asked for this has troubles of their own to report.
  if (isRunning(prometheus)) process.kill(prometheus.pid, "SIGHUP");
}

function writeConfiguration({ folder, ports, engineUrl, gateways }: Deployment): void {
  const { key, prometheus } = places(folder);
  const settings = checkMonitoringSettings({
    gateways: gateways.map(({ port }) => `127.0.0.1:${port}`),
    infer: [new URL(engineUrl).host],
    work: [`127.0.0.1:${ports.work}`],
    // Their exporters are not ours, and nobody is woken by a local deployment.
    nginx: [],
    redis: [],
    postgres: [],
    alertmanagers: [],
    prometheus: [`127.0.0.1:${ports.prometheus}`],
    credentialsFile: key,
    scrapeIntervalMs,
  });
  mkdirSync(join(prometheus, "rules"), { recursive: true, mode: 0o700 });
  const files = [...renderMonitoring(settings)].filter(([file]) => file !== "alertmanager.yml");
  // Rules stay as they were given at the start.
  const isFirst = readdirSync(join(prometheus, "rules")).length === 0;
  writeMonitoring(new Map(isFirst ? files : files.filter(([file]) => !file.startsWith("rules/"))), prometheus);
}
