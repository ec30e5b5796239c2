import { SpeechQueueFullError } from "../errors.ts";

/** What the line knows of an utterance. */
export interface Waiting {
  readonly partial: boolean;
  /** Whose it is; undefined: of nobody else who waits. */
  readonly source: string | undefined;
}

/** More sources than ever speak at once; forgetting who was served costs a moment of fairness. */
const rememberedSources = 4096;

/**
 * Who is recognised next: finals before partials, whose source was served longest ago, who came first.
 * Bounded; a final takes the place of the oldest partial where all places are taken.
 */
export class WaitingLine<T extends Waiting> {
  readonly #limit: number;
  readonly #waiting: T[] = [];
  /** Source → when it was served last, in turns. */
  readonly #served = new Map<string, number>();
  #turns = 0;

  /** @param limit utterances that may wait, ≥ 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /**
   * @returns the partial that lost its place to it, if one did
   * @throws {SpeechQueueFullError}
   */
  join(utterance: T): T | undefined {
    let displaced: T | undefined;
    if (this.#waiting.length >= this.#limit) {
      displaced = utterance.partial ? undefined : this.#waiting.find(({ partial }) => partial);
      if (displaced === undefined) throw new SpeechQueueFullError();
      this.leave(displaced);
    }
    this.#waiting.push(utterance);
    return displaced;
  }

  leave(utterance: T): void {
    const place = this.#waiting.indexOf(utterance);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  /** The partial of `source` that waits: there is one at most. */
  partialOf(source: string | undefined): T | undefined {
    return source === undefined ? undefined : this.#waiting.find((one) => one.partial && one.source === source);
  }

  next(): T | undefined {
    const finals = this.#waiting.filter(({ partial }) => !partial);
    const candidates = finals.length > 0 ? finals : this.#waiting;
    let chosen = candidates[0];
    for (const candidate of candidates) {
      if (chosen !== undefined && this.#lastServed(candidate) < this.#lastServed(chosen)) chosen = candidate;
    }
    if (chosen === undefined) return undefined;
    this.leave(chosen);
    if (this.#served.size >= rememberedSources) this.#served.clear();
    if (chosen.source !== undefined) this.#served.set(chosen.source, ++this.#turns);
    return chosen;
  }

  /** Everybody, in the order they came; nobody waits any more. */
  clear(): T[] {
    return this.#waiting.splice(0);
  }

  #lastServed({ source }: T): number {
    return source === undefined ? 0 : (this.#served.get(source) ?? 0);
  }
}
