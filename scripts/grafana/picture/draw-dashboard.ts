import type { DashboardFile, PanelFile } from "../dashboard-file.ts";
import { drawPanel } from "./draw-panel.ts";
import type { NamedSeries, Span } from "./panel-data.ts";
import { escapeXml, styleSheet, text } from "./svg.ts";

const columnPx = 60;
const unitPx = 28;
const headPx = 64;
const gapPx = 8;

/** A panel and what it shows. */
export interface FilledPanel {
  readonly panel: PanelFile;
  readonly series: readonly NamedSeries[];
}

/** The dashboard as one SVG, every panel where Grafana puts it. */
export function drawDashboard(dashboard: DashboardFile, panels: readonly FilledPanel[], span: Span): string {
  const width = 24 * columnPx;
  const height = headPx + Math.max(...panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h)) * unitPx;
  const filled = panels.filter(({ series, panel }) => panel.type !== "row" && series.length > 0).length;
  const all = panels.filter(({ panel }) => panel.type !== "row").length;
  const when = `${new Date(span.fromS * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const told = `${when}, ${Math.round((span.toS - span.fromS) / 60)} dakika; ${all} panelin ${filled} tanesinde veri var.`;
  const drawn = panels.map(({ panel, series }) => {
    const { x, y, w, h } = panel.gridPos;
    const box = {
      x: x * columnPx + gapPx / 2,
      y: headPx + y * unitPx + gapPx / 2,
      width: w * columnPx - gapPx,
      height: h * unitPx - gapPx,
    };
    return panel.type === "row" ? text(box.x, box.y + 18, panel.title, "row") : drawPanel(panel, series, box, span);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title told">`,
    `<title id="title">${escapeXml(dashboard.title)}</title>`,
    `<desc id="told">${escapeXml(`${dashboard.description} ${told}`)}</desc>`,
    `<style>${styleSheet}</style>`,
    text(4, 28, dashboard.title, "head"),
    text(4, 50, told),
    ...drawn,
    "</svg>\n",
  ].join("\n");
}
