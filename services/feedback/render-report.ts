import type { FeedbackReport, RatingSummary } from "./report.ts";

const decimal = new Intl.NumberFormat("tr-TR", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** The report for people, in Turkish. */
export function renderMarkdown(report: FeedbackReport): string {
  const { since, until, total } = report;
  const span = since === null && until === null ? "Bütün zamanlar" : `${since ?? "…"} – ${until ?? "…"}`;
  const rows = (groups: readonly (RatingSummary & { readonly name: string })[], title: string) => [
    `| ${title} | değerlendirme | ortalama | %95 güven aralığı | 1 | 2 | 3 | 4 | 5 |`,
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...groups.map(
      ({ name, ...summary }) =>
        `| ${cell(name)} | ${summary.count} | ${shown(summary.mean)} | ${interval(summary)} | ${summary.histogram.join(" | ")} |`,
    ),
    "",
  ];
  return [
    "# Geri bildirim raporu",
    "",
    `${span} · hazırlandı: ${report.generatedAt}`,
    "",
    ...rows([{ name: "Tümü", ...total }], ""),
    "## Sektörlere göre",
    "",
    ...rows(
      report.sectors.map(({ sector, ...summary }) => ({ name: sector ?? "(sektörsüz)", ...summary })),
      "sektör",
    ),
    "## Adaptör sürümlerine göre",
    "",
    ...rows(
      report.adapters.map(({ adapter, ...summary }) => ({
        name: adapter ?? "(temel model ya da bilinmiyor)",
        ...summary,
      })),
      "adaptör",
    ),
    "## Haftalara göre",
    "",
    ...rows(
      report.weeks.map(({ week, ...summary }) => ({ name: week, ...summary })),
      "hafta (pazartesi)",
    ),
    "## En sık sorunlar",
    "",
    ...listed(
      report.issues.map(
        ({ category, count, examples }) =>
          `- **${cell(category)}**: ${count}${examples.map((text) => `\n  - ${cell(text)}`).join("")}`,
      ),
    ),
    "## Öneriler",
    "",
    ...listed(report.suggestions.map(({ text, count }) => `- ${cell(text)}${count > 1 ? ` (${count})` : ""}`)),
  ].join("\n");
}

/** One table: what a row is about (`part`, `name`), how many, mean, interval, histogram. RFC 4180, for spreadsheets. */
export function renderCsv(report: FeedbackReport): string {
  const ratings = (part: string, name: string, { count, mean, low, high, histogram }: RatingSummary) => [
    part,
    name,
    count,
    ...[mean, low, high].map((value) => (value === null ? "" : value.toFixed(4))),
    ...histogram,
  ];
  const lines: readonly (readonly (string | number)[])[] = [
    ["part", "name", "count", "mean", "low", "high", "rated_1", "rated_2", "rated_3", "rated_4", "rated_5"],
    ratings("total", "", report.total),
    ...report.sectors.map((group) => ratings("sector", group.sector ?? "", group)),
    ...report.adapters.map((group) => ratings("adapter", group.adapter ?? "", group)),
    ...report.weeks.map((group) => ratings("week", group.week, group)),
    ...report.issues.map(({ category, count }) => ["issue", category, count, "", "", "", "", "", "", "", ""]),
    ...report.suggestions.map(({ text, count }) => ["suggestion", text, count, "", "", "", "", "", "", "", ""]),
  ];
  return lines.map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

function listed(lines: readonly string[]): readonly string[] {
  return [...(lines.length === 0 ? ["Yok."] : lines), ""];
}

function shown(value: number | null): string {
  return value === null ? "–" : decimal.format(value);
}

function interval({ low, high }: RatingSummary): string {
  return low === null || high === null ? "–" : `${decimal.format(low)} – ${decimal.format(high)}`;
}

/** What people wrote must not become table cells, links or markup of the report; an underscore within a word is none. */
function cell(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*{}[\]()<>#|~!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");
}

/** A spreadsheet reads what begins with one of these as a formula: it is made text. */
function field(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
