/** Where something is drawn, px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** One decimal is finer than anybody sees. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** @param style classes of the picture's style sheet */
export function text(
  x: number,
  y: number,
  words: string,
  style = "",
  anchor: "start" | "middle" | "end" = "start",
): string {
  return `<text x="${px(x)}" y="${px(y)}" class="${style}" text-anchor="${anchor}">${escapeXml(words)}</text>`;
}

export function rect({ x, y, width, height }: Box, attributes: string): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" ${attributes}/>`;
}

/** So much of a text as fits, at the small size. */
export function shortened(words: string, widthPx: number): string {
  const most = Math.max(1, Math.floor(widthPx / 6));
  return words.length <= most ? words : `${words.slice(0, most - 1)}…`;
}

/** Readable on white and on black: the reader's own preference decides. */
export const styleSheet = `
text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-size: 13px; font-weight: 600; fill: #24292f }
.row { font-size: 16px; font-weight: 600; fill: #24292f }
.head { font-size: 22px; font-weight: 700; fill: #24292f }
.big { font-size: 34px; font-weight: 600 }
.middle { font-size: 18px; font-weight: 600 }
.panel { fill: #f6f8fa; stroke: #d0d7de }
.grid { stroke: #8c959f; stroke-opacity: .25; fill: none }
.track { fill: #8c959f; fill-opacity: .2 }
.line { fill: none; stroke-width: 1.5; stroke-linejoin: round }
.step { fill: none; stroke-dasharray: 5 4; stroke-opacity: .8 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title, .row, .head { fill: #e6edf3 }
  .panel { fill: #161b22; stroke: #30363d }
}`;
