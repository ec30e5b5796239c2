import { SpeechQueueFullError } from "../../errors.ts";
import type { SpokenLine } from "./spoken-line.ts";

interface Turn {
  readonly line: SpokenLine;
  /** When its listener would hear a gap. */
  readonly dueMs: number;
}

/**
 * Whose next piece is spoken: the line whose listener runs out of sound first. A new line is due at once, one that has sound
 * left when that ends, so a short sentence is never behind somebody's long text, and nobody starves: what waits becomes due.
 */
export class PieceTurns {
  readonly #turns: Turn[] = [];
  readonly #maxNewLines: number;

  /** @param maxNewLines lines that may wait for their first piece, ≥ 1 */
  constructor(maxNewLines: number) {
    this.#maxNewLines = maxNewLines;
  }

  /** @throws {SpeechQueueFullError} the line is new and as many new lines as may are waiting */
  add(line: SpokenLine, dueMs: number): void {
    if (line.isNew) {
      const waiting = this.#turns.filter((turn) => turn.line.isNew).length;
      if (waiting >= this.#maxNewLines) throw new SpeechQueueFullError();
    }
    this.#turns.push({ line, dueMs });
  }

  has(line: SpokenLine): boolean {
    return this.#turns.some((turn) => turn.line === line);
  }

  remove(line: SpokenLine): void {
    const at = this.#turns.findIndex((turn) => turn.line === line);
    if (at >= 0) this.#turns.splice(at, 1);
  }

  /** Undefined when nobody waits. Equally due: first come, first served. */
  take(): SpokenLine | undefined {
    const [first, ...others] = this.#turns;
    if (first === undefined) return undefined;
    const next = others.reduce((earliest, turn) => (turn.dueMs < earliest.dueMs ? turn : earliest), first);
    this.remove(next.line);
    return next.line;
  }
}
