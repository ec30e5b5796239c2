import type { PanelFile } from "../dashboard-file.ts";
import { type Shown, substitute } from "../substitute.ts";
import type { Labels, Prometheus, Series } from "./prometheus.ts";

/** The time a picture shows, seconds since 1970. */
export interface Span {
  readonly fromS: number;
  readonly toS: number;
  readonly stepS: number;
}

export interface NamedSeries extends Series {
  readonly name: string;
}

/** What a panel shows: over time, or now for bars and tables. Series that have no value at all are left out. */
export async function panelData(
  prometheus: Prometheus,
  panel: PanelFile,
  span: Span,
  shown: Shown,
): Promise<readonly NamedSeries[]> {
  const found: NamedSeries[] = [];
  for (const { expr, legendFormat } of panel.targets ?? []) {
    const asked = substitute(expr, shown);
    const series =
      panel.type === "bargauge" || panel.type === "table"
        ? await prometheus.instant(asked, span.toS)
        : await prometheus.range(asked, span.fromS, span.toS, span.stepS);
    for (const one of series) {
      if (one.points.length > 0) found.push({ ...one, name: legend(legendFormat, one.labels) });
    }
  }
  return found;
}

/** Grafana's legend: `{{label}}` is the label's value. */
export function legend(format: string, labels: Labels): string {
  return format.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_placeholder, label: string) => labels[label] ?? "").trim();
}

/** Its newest value. */
export function lastValue(series: Series): number {
  return series.points.at(-1)?.[1] ?? Number.NaN;
}
