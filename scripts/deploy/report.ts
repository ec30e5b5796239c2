import type { MonitoringResult } from "./monitoring-check.ts";
import type { SmokeResult } from "./smoke/run-smoke.ts";
import type { StepResult } from "./steps.ts";

/** Everything a deployment found out. */
export interface DeployFindings {
  readonly target: string;
  /** Version, and the commit where there is one. */
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly ms: number;
  readonly steps: readonly StepResult[];
  readonly smoke: readonly SmokeResult[] | undefined;
  readonly monitoring: MonitoringResult | undefined;
  /** Pilot feedback as the gateway reports it, Markdown. */
  readonly feedback: string | undefined;
  readonly addresses: readonly (readonly [what: string, where: string])[];
  /** What was done after a failure. */
  readonly undone: string | undefined;
}

export function isGreen({ steps }: Pick<DeployFindings, "steps">): boolean {
  return steps.every(({ outcome }) => outcome === "ok");
}

/** For people, Turkish first; the summary in English as well. */
export function renderReport(found: DeployFindings): string {
  const { target, version, startedAt, ms, steps, smoke, monitoring, feedback, addresses, undone } = found;
  const green = isGreen(found);
  const good = countOf(smoke, "ok");
  const tried = good + countOf(smoke, "failed");
  const untried = countOf(smoke, "untried");
  const left = untried === 0 ? "" : `, ${untried} denenemedi`;
  const count = smoke === undefined ? "yapılmadı" : `${good}/${tried} başarılı${left}`;
  return [
    `# Dağıtım raporu: ${green ? "✅ başarılı" : "❌ başarısız"}`,
    "",
    `- **Hedef:** ${target}`,
    `- **Sürüm:** ${version}`,
    `- **Başlangıç:** ${startedAt} · **süre:** ${seconds(ms)}`,
    `- **Duman testi:** ${count}`,
    `- **İzleme:** ${monitoringLine(monitoring)}`,
    ...(undone === undefined ? [] : [`- **Geri alma:** ${undone}`]),
    "",
    `*English: the deployment ${green ? "succeeded" : "failed"}; smoke test ${smoke === undefined ? "not run" : `${good} of ${tried} passed`}.*`,
    "",
    "## Adımlar",
    "",
    "| adım | sonuç | süre | |",
    "|---|---|--:|---|",
    ...steps.map((step) => `| ${step.title} | ${signs[step.outcome]} | ${seconds(step.ms)} | ${cell(step.detail)} |`),
    "",
    ...(smoke === undefined ? [] : ["## Duman testi", "", ...smokeTable(smoke)]),
    ...(monitoring === undefined ? [] : ["## İzleme", "", ...monitoringLines(monitoring)]),
    ...(feedback === undefined
      ? []
      : ["## Pilot geri bildirimi", "", feedback.replace(/^(#+) /gm, "##$1 ").trim(), ""]),
    ...(addresses.length === 0
      ? []
      : ["## Adresler", "", ...addresses.map(([what, where]) => `- ${what}: ${where}`), ""]),
  ].join("\n");
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toLocaleString("tr-TR", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
}

const signs = { ok: "✅", failed: "❌", skipped: "– atlandı", untried: "– denenemedi" } as const;

function countOf(smoke: readonly SmokeResult[] = [], wanted: SmokeResult["outcome"]): number {
  return smoke.filter(({ outcome }) => outcome === wanted).length;
}

/** What failed first. */
function smokeTable(smoke: readonly SmokeResult[]): readonly string[] {
  const ordered = (["failed", "untried", "ok"] as const).flatMap((wanted) =>
    smoke.filter(({ outcome }) => outcome === wanted),
  );
  return [
    "| istek | sonuç | ms | |",
    "|---|---|--:|---|",
    ...ordered.map(
      ({ endpoint, outcome, ms, detail }) => `| ${cell(endpoint)} | ${signs[outcome]} | ${ms} | ${cell(detail)} |`,
    ),
    "",
  ];
}

function monitoringLine(monitoring: MonitoringResult | undefined): string {
  if (monitoring === undefined) return "bakılmadı";
  const { targets, rules, faults } = monitoring;
  const up = targets.filter((target) => target.up).length;
  return `${up}/${targets.length} hedef ayakta, ${rules} kural, ${faults.length === 0 ? "sorun yok" : `${faults.length} sorun`}`;
}

function monitoringLines({
  faults,
  targets,
  groups,
  rules,
  pending,
  standing,
  unseen,
}: MonitoringResult): readonly string[] {
  return [
    ...faults.map((fault) => `- ❌ ${cell(fault)}`),
    ...targets.map(({ job, instance, up }) => `- ${up ? "✅" : "❌"} ${job} (${instance})`),
    `- ${groups} grupta ${rules} kural`,
    ...(pending.length === 0 ? [] : [`- bekleyen uyarılar: ${pending.join(", ")}`]),
    ...(standing.length === 0
      ? []
      : [`- ⚠️ çalıyor, ama bu kurulumdan önce de çalıyordu ya da kimseyi uyandırmaz: ${standing.join(", ")}`]),
    ...(unseen.length === 0 ? [] : [`- seyrek hesaplandığı için henüz bakılmayan kurallar: ${unseen.join(", ")}`]),
    "",
  ];
}

/** Within a table nothing may end the cell or the line. */
function cell(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|").trim().slice(0, 400);
}
