import { appendFileSync, readFileSync } from "node:fs";

export interface JsonLines<Value> {
  /** In the file's order. */
  readonly values: readonly Value[];
  /** Lines that are no JSON, or not what belongs here, byte for byte, without their line ends. */
  readonly damaged: readonly Buffer[];
}

const lineEnd = 0x0a;

/** The lines of a journal. What follows the last line end is a line whose writing was cut short: it is neither. */
export function readJsonLines<Value>(path: string, belongs: (value: unknown) => value is Value): JsonLines<Value> {
  const bytes = readFileSync(path);
  const values: Value[] = [];
  const damaged: Buffer[] = [];
  for (let start = 0; ; ) {
    const end = bytes.indexOf(lineEnd, start);
    if (end < 0) return { values, damaged };
    const line = bytes.subarray(start, end);
    start = end + 1;
    const value = parsed(line);
    if (belongs(value)) values.push(value);
    else damaged.push(line);
  }
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Keeps lines nobody can use for somebody who wants to look, at the end of a file that only its owner reads. */
export function setAside(path: string, lines: readonly (Buffer | string)[]): void {
  const ended = lines.flatMap((line) => [Buffer.from(line), Buffer.of(lineEnd)]);
  appendFileSync(path, Buffer.concat(ended), { mode: 0o600 });
}
