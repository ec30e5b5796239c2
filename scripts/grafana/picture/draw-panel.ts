import type { PanelFile } from "../dashboard-file.ts";
import { drawHeat } from "./draw-heat.ts";
import { drawLines } from "./draw-lines.ts";
import { drawBars, drawGauges, drawStat } from "./draw-numbers.ts";
import { drawTable } from "./draw-table.ts";
import type { NamedSeries, Span } from "./panel-data.ts";
import { type Box, escapeXml, rect, shortened, text } from "./svg.ts";

const titlePx = 28;

/** A panel in its frame; one without data says so. The English title is there for those who cannot see the picture. */
export function drawPanel(panel: PanelFile, series: readonly NamedSeries[], box: Box, span: Span): string {
  const english = panel.description?.split(".")[0] ?? "";
  const inner = {
    x: box.x + 10,
    y: box.y + titlePx,
    width: box.width - 20,
    height: box.height - titlePx - 8,
  };
  const body =
    series.length === 0
      ? text(inner.x + inner.width / 2, inner.y + inner.height / 2, "veri yok", "", "middle")
      : draw(panel, series, inner, span);
  return (
    `<g><title>${escapeXml(`${panel.title} — ${english}`)}</title>${rect(box, 'class="panel" rx="4"')}` +
    `${text(box.x + 10, box.y + 19, shortened(panel.title, (box.width - 20) * 0.85), "title")}${body}</g>`
  );
}

function draw(panel: PanelFile, series: readonly NamedSeries[], box: Box, span: Span): string {
  switch (panel.type) {
    case "stat":
      return drawStat(panel, series, box, span);
    case "gauge":
      return drawGauges(panel, series, box);
    case "bargauge":
      return drawBars(panel, series, box);
    case "heatmap":
      return drawHeat(panel, series, box, span);
    case "table":
      return drawTable(panel, series, box);
    default:
      return drawLines(panel, series, box, span);
  }
}
