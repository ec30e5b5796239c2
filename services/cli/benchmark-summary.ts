import type { BenchmarkResult } from "./benchmark-run.ts";
import { type SectorNames, sectorLabel } from "./sector-names.ts";
import { formatTable } from "./table.ts";
import { count, decimal, duration } from "./turkish-format.ts";

/** Times in ms; undefined where no request gave one. */
export interface BenchmarkRow {
  readonly sector: string | null;
  readonly succeeded: number;
  readonly failed: number;
  readonly firstTextP50Ms: number | undefined;
  readonly firstTextP95Ms: number | undefined;
  readonly totalP50Ms: number | undefined;
  readonly totalP95Ms: number | undefined;
  /** All tokens of the row over the whole run's time. */
  readonly tokensPerSecond: number;
}

export interface BenchmarkSummary {
  readonly sectors: readonly BenchmarkRow[];
  readonly total: BenchmarkRow;
  readonly wallMs: number;
  /** Error code → how often. */
  readonly errors: Readonly<Record<string, number>>;
}

export function summarize(results: readonly BenchmarkResult[], wallMs: number): BenchmarkSummary {
  const ids = [...new Set(results.map(({ sector }) => sector))].sort((a, b) => (a ?? "").localeCompare(b ?? "", "en"));
  const errors: Record<string, number> = {};
  for (const result of results) if (!result.ok) errors[result.code] = (errors[result.code] ?? 0) + 1;
  return {
    sectors: ids.map((id) =>
      rowOf(
        id,
        results.filter(({ sector }) => sector === id),
        wallMs,
      ),
    ),
    total: rowOf(null, results, wallMs),
    wallMs,
    errors,
  };
}

function rowOf(sector: string | null, results: readonly BenchmarkResult[], wallMs: number): BenchmarkRow {
  const good = results.filter((result) => result.ok);
  const first = good.flatMap(({ firstTextMs }) => (firstTextMs === undefined ? [] : [firstTextMs]));
  const total = good.map(({ totalMs }) => totalMs);
  const tokens = good.reduce((sum, result) => sum + result.tokens, 0);
  return {
    sector,
    succeeded: good.length,
    failed: results.length - good.length,
    firstTextP50Ms: percentile(first, 0.5),
    firstTextP95Ms: percentile(first, 0.95),
    totalP50Ms: percentile(total, 0.5),
    totalP95Ms: percentile(total, 0.95),
    tokensPerSecond: wallMs > 0 ? (tokens * 1000) / wallMs : 0,
  };
}

/** The smallest value that at least `share` (0–1] of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const columns = [
  { title: "Sektör" },
  { title: "İstek", right: true },
  { title: "TTFT p50", right: true },
  { title: "TTFT p95", right: true },
  { title: "Toplam p50", right: true },
  { title: "Toplam p95", right: true },
  { title: "Belirteç/sn", right: true },
  { title: "Hata", right: true },
];

/** TTFT: time to the first text of the reply. */
export function summaryTable(summary: BenchmarkSummary, names: SectorNames): string {
  const cells = (label: string, row: BenchmarkRow) => [
    label,
    count(row.succeeded + row.failed),
    ...[row.firstTextP50Ms, row.firstTextP95Ms, row.totalP50Ms, row.totalP95Ms].map((ms) =>
      ms === undefined ? "–" : duration(ms),
    ),
    decimal(row.tokensPerSecond),
    count(row.failed),
  ];
  return formatTable(columns, [
    ...summary.sectors.map((row) => cells(sectorLabel(row.sector, names), row)),
    cells("Tümü", summary.total),
  ]);
}
