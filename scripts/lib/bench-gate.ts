import { toMarkdown } from "../../bench/table.ts";

/** One number of a table. */
export interface Cell {
  /** What the first columns say, in their order. */
  readonly row: readonly string[];
  readonly column: string;
}

/** A number over its peer's, both of one table, so of one run on one machine. */
export interface GatedRatio {
  readonly bench: string;
  readonly name: string;
  readonly of: Cell;
  readonly over: Cell;
  readonly better: "lower" | "higher";
  /** By how much of itself it may be worse: 0.25 is a quarter. As wide as runs of one commit differ. */
  readonly tolerance: number;
}

export interface Comparison {
  readonly ratio: GatedRatio;
  /** Undefined: the table does not have it. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly verdict: "kept" | "worse" | "missing";
}

const ours = "sektor infer";
const peer = "llama-server";

/** What must not get worse. */
export const gatedRatios: readonly GatedRatio[] = [
  concurrency("TTFT p95, s", "lower", 0.5),
  concurrency("tokens/s, replies of all users", "higher", 0.15),
  concurrency("whole round, s", "lower", 0.2),
  engine("prompt tokens/s", "higher"),
  engine("reply tokens/s, 1 at once", "higher"),
  engine("reply tokens/s, 4 at once", "higher"),
  engine("reply tokens/s, 8 at once", "higher"),
  {
    bench: "gateway",
    name: "gateway's share of a chat, over an empty request",
    of: { row: ["the gateway's share: all less direct"], column: "p50 ms" },
    over: { row: ["GET /health/live: the way there and back, no work"], column: "p50 ms" },
    better: "lower",
    tolerance: 0.3,
  },
];

/** @param before, after the Markdown of a bench's table; "" where there is none */
export function compareBenches(
  ratios: readonly GatedRatio[],
  before: (bench: string) => string,
  after: (bench: string) => string,
): readonly Comparison[] {
  return ratios.map((ratio) => {
    const [was, is] = [ratioIn(before(ratio.bench), ratio), ratioIn(after(ratio.bench), ratio)];
    return { ratio, before: was, after: is, verdict: verdictOf(ratio, was, is) };
  });
}

/** As GitHub renders it. */
export function toReport(comparisons: readonly Comparison[]): string {
  const shown = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(3));
  return toMarkdown({
    title: "Ratios to peers",
    columns: ["bench", "ratio", "better", "before", "after", "may be worse by", "verdict"],
    rows: comparisons.map(({ ratio, before, after, verdict }) => [
      ratio.bench,
      ratio.name,
      ratio.better,
      shown(before),
      shown(after),
      `${Math.round(ratio.tolerance * 100)} %`,
      verdict,
    ]),
  });
}

/**
 * A number of a Markdown table.
 * @returns undefined: no such row or column, or no number there
 */
export function cellIn(markdown: string, { row, column }: Cell): number | undefined {
  const lines = markdown.split("\n").filter((line) => line.startsWith("|"));
  const [head = [], , ...body] = lines.map(cellsOf);
  const at = head.indexOf(column);
  const found = body.find((cells) => row.every((text, position) => cells[position] === text));
  const text = at < 0 ? undefined : found?.[at];
  return text === undefined || !/^-?[0-9]+([.][0-9]+)?$/.test(text) ? undefined : Number(text);
}

function ratioIn(markdown: string, { of, over }: GatedRatio): number | undefined {
  const [top, bottom] = [cellIn(markdown, of), cellIn(markdown, over)];
  return top === undefined || bottom === undefined || bottom === 0 ? undefined : top / bottom;
}

function verdictOf(
  { better, tolerance }: GatedRatio,
  before: number | undefined,
  after: number | undefined,
): Comparison["verdict"] {
  if (before === undefined || after === undefined) return "missing";
  const isKept = better === "lower" ? after <= before * (1 + tolerance) : after >= before * (1 - tolerance);
  return isKept ? "kept" : "worse";
}

function cellsOf(line: string): readonly string[] {
  return line
    .replace(/^\|/, "")
    .replace(/\|\s*$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function concurrency(row: string, better: GatedRatio["better"], tolerance: number): GatedRatio {
  const cell = (column: string): Cell => ({ row: [row], column });
  return { bench: "concurrency", name: `22 users: ${row}`, of: cell(ours), over: cell(peer), better, tolerance };
}

function engine(column: string, better: GatedRatio["better"]): GatedRatio {
  const cell = (system: string): Cell => ({ row: [system, "2"], column });
  const [of, over] = [cell("infer over HTTP"), cell("llama-server over HTTP")];
  return { bench: "engine", name: `2 threads: ${column}`, of, over, better, tolerance: 0.25 };
}
