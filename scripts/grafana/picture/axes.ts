import type { Span } from "./panel-data.ts";
import { type Box, px, text } from "./svg.ts";
import { inUnit } from "./units.ts";

/** Places of values and times within a box. */
export interface Scale {
  x(atS: number): number;
  y(value: number): number;
  readonly least: number;
  readonly most: number;
}

export function scaleOf(box: Box, { fromS, toS }: Span, least: number, most: number): Scale {
  const height = most > least ? most - least : 1;
  return {
    least,
    most: least + height,
    x: (atS) => box.x + ((atS - fromS) / (toS - fromS)) * box.width,
    y: (value) => box.y + box.height - ((value - least) / height) * box.height,
  };
}

/** Four lines across with their values, and the times at both ends. */
export function axes(box: Box, span: Span, scale: Scale, unit: string): string {
  const lines = [0, 1, 2, 3].map((index) => {
    const value = scale.least + ((scale.most - scale.least) * index) / 3;
    const y = scale.y(value);
    return (
      `<path class="grid" d="M${px(box.x)} ${px(y)}h${px(box.width)}"/>` +
      text(box.x - 5, y + 4, inUnit(value, unit), "", "end")
    );
  });
  return lines.join("") + times(box, span);
}

/** Both ends of the time shown, as a clock says them (UTC). */
export function times(box: Box, { fromS, toS }: Span): string {
  const y = box.y + box.height + 14;
  return text(box.x, y, clock(fromS)) + text(box.x + box.width, y, clock(toS), "", "end");
}

function clock(atS: number): string {
  return new Date(atS * 1000).toISOString().slice(11, 19);
}
