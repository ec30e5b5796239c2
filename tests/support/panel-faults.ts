import { type DashboardFile, shownPanels } from "../../scripts/grafana/dashboard-file.ts";
import { metricNames } from "../../scripts/grafana/metric-names.ts";
import type { Prometheus } from "../../scripts/grafana/picture/prometheus.ts";
import { type Shown, substitute } from "../../scripts/grafana/substitute.ts";

/**
 * Expressions of a dashboard that show nothing, each as `panel refId: why`. An expression is sound when Prometheus knows every metric it
 * names (what `or` hides would not be missed otherwise), answers it with a number, and its legend's labels are there.
 */
export async function panelFaults(prometheus: Prometheus, dashboard: DashboardFile, shown: Shown) {
  const known = await prometheus.metricNames();
  const faults: string[] = [];
  for (const panel of shownPanels(dashboard)) {
    for (const { expr, refId, legendFormat } of panel.targets ?? []) {
      const asked = substitute(expr, shown);
      const unknown = metricNames(asked).filter((name) => !known.has(name));
      const series = await prometheus.instant(asked).catch((failure: Error) => failure.message);
      const fault =
        typeof series === "string"
          ? series
          : unknown.length > 0
            ? `no ${unknown.join(", ")}`
            : series.every(({ points }) => points.length === 0)
              ? "no value"
              : missingLabels(
                  legendFormat,
                  series.map(({ labels }) => labels),
                );
      if (fault !== undefined) faults.push(`${panel.title} ${refId}: ${fault}`);
    }
  }
  return faults;
}

function missingLabels(legend: string, found: readonly Readonly<Record<string, string>>[]): string | undefined {
  const missing = [...legend.matchAll(/\{\{(\w+)\}\}/g)]
    .map(([, label = ""]) => label)
    .filter((label) => found.every((labels) => (labels[label] ?? "") === ""));
  return missing.length === 0 ? undefined : `no label ${missing.join(", ")}`;
}
