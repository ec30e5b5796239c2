import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Document, isMap, isScalar, parseDocument, visit, type YAMLMap, type YAMLSeq } from "yaml";
import { fasterDuration, fasterExpression } from "./faster.ts";
import { type MonitoringSettings, MonitoringSettingsError } from "./monitoring-settings.ts";

const shipped = fileURLToPath(new URL("../../monitoring", import.meta.url));

/** prometheus.yml, alertmanager.yml and the rules, by their paths below the folder they belong into. */
export function renderMonitoring(settings: MonitoringSettings): ReadonlyMap<string, string> {
  const rules = readdirSync(join(shipped, "rules")).filter((file) => file.endsWith(".yml"));
  return new Map([
    ["prometheus.yml", renderPrometheus(read("prometheus.yml"), settings)],
    ["alertmanager.yml", renderAlertmanager(read("alertmanager.yml"), settings)],
    ...rules.map((file) => [`rules/${file}`, renderRules(read(`rules/${file}`), settings)] as const),
  ]);
}

/** Files may hold addresses that are secrets: nobody else reads them. */
export function writeMonitoring(files: ReadonlyMap<string, string>, folder: string): void {
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text, { mode: 0o600 });
  }
}

const read = (file: string): Document => parseDocument(readFileSync(join(shipped, file), "utf8"));

function renderPrometheus(document: Document, settings: MonitoringSettings): string {
  const { scrapeIntervalMs, timesFaster, runbookBase, credentialsFile, alertmanagers } = settings;
  const interval = fasterDuration(`${scrapeIntervalMs}ms`, timesFaster);
  document.setIn(["global", "scrape_interval"], interval);
  document.setIn(["global", "scrape_timeout"], fasterDuration(`${Math.min(10_000, scrapeIntervalMs)}ms`, timesFaster));
  document.setIn(["global", "evaluation_interval"], interval);
  // Not left to the environment: Prometheus 2 reads no variables unless it is told to.
  if (runbookBase === undefined) document.deleteIn(["global", "external_labels"]);
  else document.setIn(["global", "external_labels", "runbook_base"], runbookBase);
  if (alertmanagers !== undefined) {
    const list = [{ static_configs: [{ targets: alertmanagers }] }];
    document.setIn(["alerting", "alertmanagers"], document.createNode(list));
  }
  const jobs: Readonly<Record<string, readonly string[] | undefined>> = {
    "sektor-gateway": settings.gateways,
    "sektor-infer": settings.infer,
    "sektor-work": settings.work,
    nginx: settings.nginx,
    redis: settings.redis,
    postgres: settings.postgres,
    prometheus: settings.prometheus,
  };
  const list = document.get("scrape_configs") as YAMLSeq<YAMLMap>;
  list.items = list.items.filter((job) => jobs[String(job.get("job_name"))]?.length !== 0);
  for (const job of list.items) {
    const targets = jobs[String(job.get("job_name"))];
    if (targets !== undefined) {
      for (const key of ["dns_sd_configs", "file_sd_configs"]) job.delete(key);
      job.set("static_configs", document.createNode([{ targets }]));
    }
    if (credentialsFile === undefined || !job.has("authorization")) continue;
    if (credentialsFile === "") job.delete("authorization");
    else job.set("authorization", document.createNode({ credentials_file: resolve(credentialsFile) }));
  }
  return document.toString({ lineWidth: 0 });
}

function renderAlertmanager(document: Document, settings: MonitoringSettings): string {
  const { timesFaster, webhookUrlFile, watchdogUrlFile, inlineUrls } = settings;
  const address = (file: string) => (inlineUrls ? { url: readAddress(file) } : { url_file: resolve(file) });
  const receivers = document.get("receivers") as YAMLSeq<YAMLMap>;
  for (const receiver of receivers.items) {
    const isWatchdog = receiver.get("name") === "watchdog";
    const file = isWatchdog ? watchdogUrlFile : (webhookUrlFile ?? shippedFile(receiver));
    if (file === undefined) continue;
    const webhook = { ...address(file), send_resolved: !isWatchdog };
    receiver.set("webhook_configs", document.createNode([webhook]));
  }
  if (timesFaster !== 1) {
    visit(document, {
      Pair: (_key, pair) => {
        const name = isScalar(pair.key) ? String(pair.key.value) : "";
        if (/^(group_wait|group_interval|repeat_interval)$/.test(name) && isScalar(pair.value))
          pair.value.value = fasterDuration(String(pair.value.value), timesFaster);
      },
    });
  }
  return document.toString({ lineWidth: 0 });
}

function shippedFile(receiver: YAMLMap): string {
  return String(receiver.getIn(["webhook_configs", 0, "url_file"]));
}

/** @throws {MonitoringSettingsError} the file cannot be read, or is no address; its content is not told */
function readAddress(file: string): string {
  let url = "";
  try {
    url = readFileSync(file, "utf8").trim();
  } catch {
    throw new MonitoringSettingsError([`${file} cannot be read`]);
  }
  if (!/^https?:\/\/\S+$/.test(url)) throw new MonitoringSettingsError([`${file} holds no address`]);
  return url;
}

function renderRules(document: Document, { timesFaster }: MonitoringSettings): string {
  if (timesFaster === 1) return document.toString({ lineWidth: 0 });
  visit(document, {
    Map: (_key, map) => {
      if (!isMap(map)) return;
      for (const key of ["for", "interval"]) {
        const value = map.get(key);
        if (typeof value === "string") map.set(key, fasterDuration(value, timesFaster));
      }
      const expression = map.get("expr");
      if (typeof expression === "string") map.set("expr", fasterExpression(expression, timesFaster));
    },
  });
  return document.toString({ lineWidth: 0 });
}
