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
  /** Names of alerts that fire and are no fault of this deployment's: those that wake nobody, and pages that fired before it. */
  readonly standing: readonly string[];
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

export interface MonitoringWishes {
  readonly url: string;
  /** What must be among its targets. */
  readonly jobs: readonly string[];
  /** Names of pages that fired before the deployment began: what was broken then is no reason to take its cure back. */
  readonly firedBefore?: readonly string[];
}

/**
 * Whether Prometheus sees everybody, has taken all rules, and nothing is alight that was not before.
 * @param limitMs so long it may take until the first look at everything is over, and an alert may fire that the deployment itself set off: those that look
 *   at the last minute have seen that it is over by then
 */
export async function checkMonitoring(wishes: MonitoringWishes, limitMs = 90_000): Promise<MonitoringResult> {
  for (const from = performance.now(); ; await pause(500)) {
    const found = await look(wishes);
    if (found.faults.length === 0 || performance.now() - from > limitMs) return found;
  }
}

/** Names of the pages that fire now; none where nobody watches yet. */
export async function pagesFiring(url: string): Promise<readonly string[]> {
  try {
    const { alerts } = await api<{ alerts: Alert[] }>(url, "alerts");
    return alerts.filter((alert) => alert.state === "firing" && isPage(alert)).map(nameOf);
  } catch {
    return [];
  }
}

async function look({ url, jobs, firedBefore = [] }: MonitoringWishes): Promise<MonitoringResult> {
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
  const firing = burning.filter(({ state }) => state === "firing");
  const isOurs = (alert: Alert): boolean => isPage(alert) && !firedBefore.includes(nameOf(alert));
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
      ...firing.filter(isOurs).map((alert) => `uyarı çalıyor: ${nameOf(alert)}`),
    ],
    targets,
    groups: groups.length,
    rules: rules.length,
    unseen: rules.filter(({ health, isSeldom }) => health === "unknown" && isSeldom).map(({ name }) => name),
    pending: burning.filter(({ state }) => state === "pending").map(nameOf),
    standing: firing.filter((alert) => !isOurs(alert)).map(nameOf),
  };
}

function isPage({ labels }: Alert): boolean {
  return labels["severity"] === "page";
}

function nameOf({ labels }: Alert): string {
  return labels["alertname"] ?? "";
}

async function api<T>(url: string, path: string): Promise<T> {
  const { status, text } = await askHttps(url, `/api/v1/${path}`, { limitMs: 10_000 });
  if (status !== 200) throw new Error(`Prometheus ${path}: ${status}`);
  return (JSON.parse(text) as { data: T }).data;
}
