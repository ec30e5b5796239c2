/**
 * Writes rules, routes of alerts and dashboards for the Prometheus operator and Grafana's sidecar.
 *
 *   npm run kubernetes:render [-- --out FOLDER]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { renderKubernetesMonitoring } from "./render-kubernetes.ts";

const folder = "deploy/kubernetes/components/monitoring";
const { values } = parseArgs({ options: { out: { type: "string", default: folder } } });

mkdirSync(values.out, { recursive: true });
for (const [file, text] of renderKubernetesMonitoring()) {
  writeFileSync(join(values.out, file), text);
  console.log(file);
}
