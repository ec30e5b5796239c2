/** Colours that stand apart for most eyes, on white. */
export const colours = ["#1f5fa8", "#c8511b", "#2d8659", "#7b4fa3"] as const;
export const ink = "#222";
export const pale = "#ddd";

/** A whole picture; the white ground keeps it readable where the page is dark. */
export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}" role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="11" fill="${ink}">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    "</svg>",
  ].join("\n");
}

export interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  /** Degrees, clockwise, about the text's own point. */
  readonly turn?: number;
  readonly fill?: string;
  readonly size?: number;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = "start", turn, fill, size } = style;
  const extra = [
    turn === undefined ? "" : ` transform="rotate(${turn} ${n(x)} ${n(y)})"`,
    fill === undefined ? "" : ` fill="${fill}"`,
    size === undefined ? "" : ` font-size="${size}"`,
  ].join("");
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}"${extra}>${escapeXml(content)}</text>`;
}

export function rect(x: number, y: number, width: number, height: number, fill: string, tip?: string): string {
  const inside = tip === undefined ? "" : `<title>${escapeXml(tip)}</title>`;
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}">${inside}</rect>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string, dashed = false): string {
  const dash = dashed ? ' stroke-dasharray="4 3"' : "";
  return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="${stroke}"${dash}/>`;
}

export function path(points: readonly (readonly [number, number])[], stroke: string, dashed = false): string {
  const dash = dashed ? ' stroke-dasharray="5 4"' : "";
  const places = points.map(([x, y]) => `${n(x)},${n(y)}`).join(" ");
  return `<polyline points="${places}" fill="none" stroke="${stroke}" stroke-width="1.8"${dash}/>`;
}

/** A filled shape, its edge in order. */
export function area(points: readonly (readonly [number, number])[], fill: string): string {
  return `<polygon points="${points.map(([x, y]) => `${n(x)},${n(y)}`).join(" ")}" fill="${fill}"/>`;
}

export function dot(x: number, y: number, fill: string, radius = 3.5): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="${fill}"/>`;
}

export function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A number as short as a picture needs it. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
