import { colours, dot, line, pale, path, svg, text } from "./svg.ts";

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly format: (value: number) => string;
}

export interface LinePlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
    readonly dots?: boolean;
    readonly dashed?: boolean;
  }[];
  /** Single places worth naming, such as where the live thresholds stand. */
  readonly places?: readonly { readonly x: number; readonly y: number; readonly name: string }[];
}

const width = 560;
const height = 380;
const area = { left: 66, right: 536, top: 44, bottom: 326 };
const ticks = 5;

/** Lines over two linear axes, with a legend below. Points outside the axes are drawn at their edge. */
export function linePlot({ title, x, y, series, places = [] }: LinePlot): string {
  const across = (value: number): number => between(area.left, area.right, (value - x.from) / (x.to - x.from));
  const up = (value: number): number => between(area.bottom, area.top, (value - y.from) / (y.to - y.from));
  const parts = [text(12, 22, title, { size: 14 })];
  for (let at = 0; at <= ticks; at++) {
    const xValue = x.from + ((x.to - x.from) * at) / ticks;
    const yValue = y.from + ((y.to - y.from) * at) / ticks;
    parts.push(line(across(xValue), area.top, across(xValue), area.bottom, pale));
    parts.push(line(area.left, up(yValue), area.right, up(yValue), pale));
    parts.push(text(across(xValue), area.bottom + 16, x.format(xValue), { anchor: "middle" }));
    parts.push(text(area.left - 8, up(yValue) + 4, y.format(yValue), { anchor: "end" }));
  }
  parts.push(text((area.left + area.right) / 2, area.bottom + 32, x.label, { anchor: "middle" }));
  parts.push(text(16, (area.top + area.bottom) / 2, y.label, { anchor: "middle", turn: -90 }));
  let legendX = area.left;
  for (const [at, { name, points, dots = false, dashed = false }] of series.entries()) {
    const colour = colours[at % colours.length] ?? colours[0];
    const drawn = points.map(([px, py]) => [across(px), up(py)] as const);
    parts.push(path(drawn, colour, dashed));
    if (dots) parts.push(...drawn.map(([px, py]) => dot(px, py, colour)));
    parts.push(
      line(legendX, height - 10, legendX + 18, height - 10, colour, dashed),
      text(legendX + 23, height - 6, name),
    );
    legendX += 40 + name.length * 6.2;
  }
  for (const place of places) {
    const px = across(place.x);
    // Near the right edge the name stands before its dot.
    const anchor = px > (area.left + area.right) / 2 ? "end" : "start";
    parts.push(dot(px, up(place.y), "#000", 4.5));
    parts.push(text(px + (anchor === "end" ? -9 : 9), up(place.y) + 14, place.name, { anchor }));
  }
  return svg(width, height, title, parts);
}

function between(from: number, to: number, part: number): number {
  return from + (to - from) * Math.max(0, Math.min(1, part));
}
