import type { PanelFile } from "../dashboard-file.ts";
import { times } from "./axes.ts";
import type { NamedSeries, Span } from "./panel-data.ts";
import { type Box, rect, text } from "./svg.ts";
import { inUnit } from "./units.ts";

const axisPx = 58;

/** One cell a bucket and step, the darker the more fell into it. Prometheus' buckets hold all below them: neighbours are subtracted. */
export function drawHeat(panel: PanelFile, series: readonly NamedSeries[], box: Box, span: Span): string {
  const { unit = "short" } = panel.fieldConfig?.defaults ?? {};
  const buckets = series
    .map((one) => ({ upTo: Number(one.labels["le"]?.replace("+Inf", "Infinity")), counts: new Map(one.points) }))
    .toSorted((one, other) => one.upTo - other.upTo);
  const plot = { x: box.x + axisPx, y: box.y + 4, width: box.width - axisPx - 6, height: box.height - 24 };
  const rowPx = plot.height / buckets.length;
  const columnPx = (span.stepS / (span.toS - span.fromS)) * plot.width;
  const cells = buckets.flatMap(({ counts }, row) =>
    [...counts].map(([at, below]) => ({ row, at, count: below - (buckets[row - 1]?.counts.get(at) ?? 0) })),
  );
  const most = Math.max(...cells.map(({ count }) => count));
  const drawn = cells
    .filter(({ count, at }) => count > 0 && at < span.toS)
    .map(({ row, at, count }) => {
      const cell = {
        x: plot.x + ((at - span.fromS) / (span.toS - span.fromS)) * plot.width,
        y: plot.y + plot.height - (row + 1) * rowPx,
        width: columnPx,
        height: rowPx,
      };
      return rect(cell, `fill="#d9822b" fill-opacity="${(0.15 + 0.85 * (count / most)).toFixed(2)}"`);
    });
  // Names of all rows would stand on each other.
  const every = Math.ceil(14 / rowPx);
  const names = buckets.flatMap(({ upTo }, row) => {
    if (row % every !== 0) return [];
    const words = Number.isFinite(upTo) ? inUnit(upTo, unit) : "+∞";
    return [text(plot.x - 5, plot.y + plot.height - (row + 0.5) * rowPx + 4, words, "", "end")];
  });
  return rect(plot, 'class="grid"') + drawn.join("") + names.join("") + times(plot, span);
}
