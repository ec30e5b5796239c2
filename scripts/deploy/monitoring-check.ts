import { pause } from "../../services/foundation/index.ts";
import { askHttps } from "../lib/ask-https.ts";

export interface MonitoringResult {
  /** What is wrong; empty: all is well. */
  readonly faults: readonly string[];
  readonly targets: readonly { readonly job: string; readonly instance: string; readonly up: boolean }[];
  readonly groups: number;
  readonly rules: number;
  /** Names of alerts that wait to see whether it goes on. */
  readonly pending: readonly string[];
  /** Rules that are looked at too seldom to have been looked at yet. */
  readonly unseen: readonly string[];
}

/** Groups with a longer interval may not have had their turn; seconds. */
const seldomS = 30;

interface Rule {
  readonly name: string;
  readonly health: "ok" | "err" | "unknown";
  readonly lastError?: string;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

/**
 * Whether Prometheus sees everybody, has taken all rules, and nothing is alight.
 * @param jobs what must be among its targets
 * @param limitMs so long it may take until the first look at everything is over
 */
export async function checkMonitoring(
  url: string,
  jobs: readonly string[],
  limitMs = 40_000,
): Promise<MonitoringResult> {
  for (const from = performance.now(); ; await pause(500)) {
    const found = await look(url, jobs);
    // An alert that fires does not stop within our patience; what only has not been looked at yet may be well in a moment.
    const isOver = performance.now() - from > limitMs;
    if (isOver || found.faults.length === 0 || found.faults.some((fault) => fault.startsWith("uyarı"))) return found;
  }
}

async function look(url: string, jobs: readonly string[]): Promise<MonitoringResult> {
  const [{ activeTargets }, { groups }, { alerts }] = await Promise.all([
    api<{ activeTargets: { labels: Record<string, string>; health: string; lastError: string }[] }>(
      url,
      "targets?state=active",
    ),
    api<{ groups: { name: string; interval: number; rules: Rule[] }[] }>(url, "rules"),
    api<{ alerts: Alert[] }>(url, "alerts"),
  ]);
  const targets = activeTargets.map(({ labels, health }) => ({
    job: labels["job"] ?? "",
    instance: labels["instance"] ?? "",
    up: health === "up",
  }));
  const rules = groups.flatMap(({ interval, rules }) =>
    rules.map((rule) => ({ ...rule, isSeldom: interval > seldomS })),
  );
  // The watchdog always fires: that is how one knows that alerting works.
  const burning = alerts.filter(({ labels }) => labels["severity"] !== "watchdog");
  return {
    faults: [
      ...jobs.filter((job) => !targets.some((target) => target.job === job)).map((job) => `hedef yok: ${job}`),
      ...activeTargets
        .filter(({ health }) => health !== "up")
        .map(
          ({ labels, lastError }) => `hedef ${labels["job"]} ${labels["instance"]}: ${lastError || "henüz bakılmadı"}`,
        ),
      ...(rules.length === 0 ? ["hiç kural yok"] : []),
      ...rules
        .filter(({ health, isSeldom }) => health === "err" || (health === "unknown" && !isSeldom))
        .map(({ name, health, lastError }) => `kural ${name}: ${health === "err" ? lastError : "henüz hesaplanmadı"}`),
      ...burning.filter(({ state }) => state === "firing").map(({ labels }) => `uyarı çalıyor: ${labels["alertname"]}`),
    ],
    targets,
    groups: groups.length,
    rules: rules.length,
    unseen: rules.filter(({ health, isSeldom }) => health === "unknown" && isSeldom).map(({ name }) => name),
    pending: burning.filter(({ state }) => state === "pending").map(({ labels }) => labels["alertname"] ?? ""),
  };
}

async function api<T>(url: string, path: string): Promise<T> {
  const { status, text } = await askHttps(url, `/api/v1/${path}`, { limitMs: 10_000 });
  if (status !== 200) throw new Error(`Prometheus ${path}: ${status}`);
  return (JSON.parse(text) as { data: T }).data;
}
