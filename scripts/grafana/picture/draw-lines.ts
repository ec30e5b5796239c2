import type { PanelFile } from "../dashboard-file.ts";
import { axes, type Scale, scaleOf } from "./axes.ts";
import { seriesColor, thresholdSteps } from "./colors.ts";
import { lastValue, type NamedSeries, type Span } from "./panel-data.ts";
import { type Box, px, rect, shortened, text } from "./svg.ts";

const axisPx = 58;
const legendPx = 34;

/** Lines over time, or areas on top of each other; thresholds as dashed lines where they are within sight. */
export function drawLines(panel: PanelFile, series: readonly NamedSeries[], box: Box, span: Span): string {
  const { unit = "short", min, max, custom } = panel.fieldConfig?.defaults ?? {};
  const stacked = custom?.stacking?.mode === "normal";
  const drawn = stacked ? stackedOn(series) : series;
  const values = drawn.flatMap(({ points }) => points.map(([, value]) => value));
  const plot = {
    x: box.x + axisPx,
    y: box.y + 4,
    width: box.width - axisPx - 6,
    height: box.height - legendPx - 22,
  };
  const highest = Math.max(...values) * 1.08;
  const scale = scaleOf(plot, span, min ?? Math.min(...values), max ?? (highest > 0 ? highest : 1));
  const steps = thresholdSteps(panel)
    .filter(({ value }) => value <= scale.most)
    .map(({ value, color }) => {
      return `<path class="step" stroke="${color}" d="M${px(plot.x)} ${px(scale.y(value))}h${px(plot.width)}"/>`;
    });
  const lines = drawn.map(({ points }, index) => line(points, scale, seriesColor(index), span.stepS));
  // The highest areas first, so that the lower ones lie before them.
  const body = stacked ? drawn.map((one, index) => area(one, scale, seriesColor(index))).reverse() : [];
  const below = { ...box, y: box.y + box.height - legendPx, height: legendPx };
  return axes(plot, span, scale, unit) + body.join("") + lines.join("") + steps.join("") + legendOf(series, below);
}

/** Each series on those before it, time by time. */
function stackedOn(series: readonly NamedSeries[]): readonly NamedSeries[] {
  const sums = new Map<number, number>();
  return series.map((one) => ({
    ...one,
    points: one.points.map(([at, value]) => {
      const sum = (sums.get(at) ?? 0) + value;
      sums.set(at, sum);
      return [at, sum] as const;
    }),
  }));
}

/** A hole of more than a step stays a hole; a point alone is a dot. */
function line(points: NamedSeries["points"], scale: Scale, color: string, stepS: number): string {
  let path = "";
  let before = Number.NEGATIVE_INFINITY;
  for (const [at, value] of points) {
    const joined = at - before <= stepS * 1.5;
    path += `${joined ? "L" : "M"}${px(scale.x(at))} ${px(scale.y(value))}${joined ? "" : "h1"}`;
    before = at;
  }
  return `<path class="line" stroke="${color}" d="${path}"/>`;
}

function area({ points }: NamedSeries, scale: Scale, color: string): string {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return "";
  const top = points.map(([at, value]) => `L${px(scale.x(at))} ${px(scale.y(value))}`).join("");
  const bottom = px(scale.y(scale.least));
  return (
    `<path fill="${color}" fill-opacity=".75" ` +
    `d="M${px(scale.x(first[0]))} ${bottom}${top}L${px(scale.x(last[0]))} ${bottom}z"/>`
  );
}

/** Names of the series with the largest last values, in two lines; the others as a count. */
function legendOf(series: readonly NamedSeries[], box: Box): string {
  const places = Math.max(2, Math.floor(box.width / 150)) * 2;
  const colors = new Map(series.map((one, index) => [one, seriesColor(index)]));
  const ordered = series.toSorted((one, other) => lastValue(other) - lastValue(one));
  const named = ordered.slice(0, series.length > places ? places - 1 : places);
  const width = box.width / (places / 2);
  const at = (index: number) => ({
    x: box.x + (index % (places / 2)) * width,
    y: box.y + 12 + Math.floor(index / (places / 2)) * 15,
  });
  const entries = named.map((one, index) => {
    const { x, y } = at(index);
    return (
      rect({ x, y: y - 5, width: 10, height: 3 }, `fill="${colors.get(one)}"`) +
      text(x + 14, y, shortened(one.name, width - 18))
    );
  });
  const rest = at(named.length);
  const others = series.length > named.length ? text(rest.x, rest.y, `+${series.length - named.length} seri daha`) : "";
  return entries.join("") + others;
}
