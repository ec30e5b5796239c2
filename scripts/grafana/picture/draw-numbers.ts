import type { PanelFile } from "../dashboard-file.ts";
import { scaleOf } from "./axes.ts";
import { thresholdColor } from "./colors.ts";
import { lastValue, type NamedSeries, type Span } from "./panel-data.ts";
import { type Box, escapeXml, px, rect, shortened, text } from "./svg.ts";
import { inUnit } from "./units.ts";

const barPx = 18;

/** The newest value of the first series, large, over how it came to be so. */
export function drawStat(panel: PanelFile, series: readonly NamedSeries[], box: Box, span: Span): string {
  const [first] = series;
  if (first === undefined) return "";
  const value = lastValue(first);
  const values = first.points.map(([, one]) => one);
  const color = thresholdColor(panel, value);
  const below = { x: box.x, y: box.y + box.height * 0.6, width: box.width, height: box.height * 0.35 };
  const scale = scaleOf(below, span, Math.min(0, ...values), Math.max(...values));
  const path = first.points.map(
    ([at, one], index) => `${index === 0 ? "M" : "L"}${px(scale.x(at))} ${px(scale.y(one))}`,
  );
  const large = inUnit(value, panel.fieldConfig?.defaults.unit ?? "short");
  return (
    `<path class="line" stroke="${color}" stroke-opacity=".6" d="${path.join("")}"/>` +
    `<text x="${px(box.x + box.width / 2)}" y="${px(box.y + box.height * 0.42)}" class="big" text-anchor="middle" ` +
    `style="fill:${color}">${escapeXml(large)}</text>`
  );
}

/** Half a ring a series, filled as far as its newest value. */
export function drawGauges(panel: PanelFile, series: readonly NamedSeries[], box: Box): string {
  const { unit = "short", min = 0, max = 1 } = panel.fieldConfig?.defaults ?? {};
  const width = box.width / series.length;
  return series
    .map((one, index) => {
      const value = lastValue(one);
      const centre = { x: box.x + width * (index + 0.5), y: box.y + box.height * 0.68 };
      const radius = Math.min(width * 0.38, box.height * 0.52);
      const share = Math.min(1, Math.max(0, (value - min) / (max - min)));
      const color = thresholdColor(panel, value);
      return (
        `<path class="line" style="stroke-width:14;stroke-opacity:.2" stroke="#8c959f" d="${arc(centre, radius, 1)}"/>` +
        `<path class="line" style="stroke-width:14" stroke="${color}" d="${arc(centre, radius, share)}"/>` +
        text(centre.x, centre.y, inUnit(value, unit), "middle", "middle") +
        text(centre.x, centre.y + 22, shortened(one.name, width), "", "middle")
      );
    })
    .join("");
}

/** From the left over the top. @param share 0–1 of the half ring */
function arc({ x, y }: { readonly x: number; readonly y: number }, radius: number, share: number): string {
  const angle = Math.PI * (1 - share);
  const end = `${px(x + radius * Math.cos(angle))} ${px(y - radius * Math.sin(angle))}`;
  return `M${px(x - radius)} ${px(y)}A${px(radius)} ${px(radius)} 0 0 1 ${end}`;
}

/** One bar a series, the longest first; what does not fit is counted. */
export function drawBars(panel: PanelFile, series: readonly NamedSeries[], box: Box): string {
  const { unit = "short", min = 0, max } = panel.fieldConfig?.defaults ?? {};
  const most = max ?? Math.max(...series.map(lastValue));
  const ordered = series.toSorted((one, other) => lastValue(other) - lastValue(one));
  const columns = series.length > Math.floor(box.height / barPx) ? 2 : 1;
  const places = Math.floor(box.height / barPx) * columns;
  const shown = ordered.slice(0, series.length > places ? places - 1 : places);
  const width = box.width / columns;
  const at = (index: number) => ({
    x: box.x + Math.floor(index / (places / columns)) * width,
    y: box.y + (index % (places / columns)) * barPx,
  });
  const bars = shown.map((one, index) => {
    const value = lastValue(one);
    const { x, y } = at(index);
    const names = width * 0.48;
    const track = { x: x + names, y: y + 4, width: width * 0.34, height: barPx - 8 };
    const share = most > min ? Math.min(1, Math.max(0, (value - min) / (most - min))) : 0;
    return (
      text(x, y + 13, shortened(one.name, names - 6)) +
      rect(track, 'class="track"') +
      rect({ ...track, width: track.width * share }, `fill="${thresholdColor(panel, value)}"`) +
      text(track.x + track.width + 5, y + 13, inUnit(value, unit))
    );
  });
  const rest = at(shown.length);
  const others =
    series.length > shown.length ? text(rest.x, rest.y + 13, `+${series.length - shown.length} seri daha`) : "";
  return bars.join("") + others;
}
