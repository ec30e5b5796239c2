import type { PanelFile } from "../dashboard-file.ts";
import { thresholdColor } from "./colors.ts";
import { lastValue, type NamedSeries } from "./panel-data.ts";
import { type Box, escapeXml, px, shortened, text } from "./svg.ts";
import { inUnit } from "./units.ts";

const rowPx = 17;

/** A line a series with its value; in two columns where one is too short, and what still does not fit is counted. */
export function drawTable(panel: PanelFile, series: readonly NamedSeries[], box: Box): string {
  const unit = panel.fieldConfig?.defaults.unit ?? "short";
  const rows = Math.floor(box.height / rowPx);
  const columns = series.length > rows ? 2 : 1;
  const width = box.width / columns;
  const ordered = series.toSorted((one, other) => one.name.localeCompare(other.name, "tr"));
  const shown = ordered.slice(0, series.length > rows * columns ? rows * columns - 1 : rows * columns);
  const at = (index: number) => ({
    x: box.x + Math.floor(index / rows) * width,
    y: box.y + (index % rows) * rowPx + 12,
  });
  const lines = shown.map((one, index) => {
    const { x, y } = at(index);
    const value = lastValue(one);
    return (
      text(x, y, shortened(one.name, width - 60)) +
      `<text x="${px(x + width - 12)}" y="${px(y)}" text-anchor="end" style="fill:${thresholdColor(panel, value)}">` +
      `${escapeXml(inUnit(value, unit))}</text>`
    );
  });
  const rest = at(shown.length);
  const others =
    series.length > shown.length ? text(rest.x, rest.y, `+${series.length - shown.length} satır daha`) : "";
  return lines.join("") + others;
}
