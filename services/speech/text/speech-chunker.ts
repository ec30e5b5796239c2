import { sentenceEnd } from "./sentence-ends.ts";

/** A piece of a reply that can be spoken by itself. `reply.slice(start, end) === text`, in UTF-16 units. */
export interface SpeechChunk {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface SpeechChunkerOptions {
  /** Words a first clause must have to be spoken before its sentence is complete; 0 = wait for the sentence. Default 4. */
  readonly firstClauseWords?: number;
  /** Longest chunk; longer sentences are cut at a clause, else between words. 20–10 000, default 240. */
  readonly maxCharacters?: number;
}

/** Ends of a first clause that are worth a breath: a mark with white space behind it. */
const clauseMark = /[,;:–—]/u;
/** Where a first clause without a mark may end: before one of these. */
const clauseOpeners = /^\s(?:ama|fakat|ancak|çünkü|yani|oysa|dolayısıyla|lakin)\s/u;
const openerCharacters = 14;

/**
 * Makes of a reply that comes in deltas what can be spoken at once: the first clause early, then sentence by sentence. How the reply was
 * cut into deltas changes nothing. Holds no more than the chunk under way.
 */
export class SpeechChunker {
  readonly #firstClauseWords: number;
  readonly #maxCharacters: number;
  #pending = "";
  /** Where `#pending` begins in the reply. */
  #offset = 0;
  #first = true;

  constructor(options: SpeechChunkerOptions = {}) {
    this.#firstClauseWords = options.firstClauseWords ?? 4;
    this.#maxCharacters = Math.min(Math.max(options.maxCharacters ?? 240, 20), 10_000);
  }

  /** @returns the chunks this delta completes, often none */
  push(delta: string): readonly SpeechChunk[] {
    this.#pending += delta;
    return this.#take(false);
  }

  /** The reply is complete: what is left, in one chunk or more. Afterwards the chunker is as new, for another reply. */
  flush(): readonly SpeechChunk[] {
    const chunks = this.#take(true);
    this.#pending = "";
    this.#offset = 0;
    this.#first = true;
    return chunks;
  }

  #take(complete: boolean): readonly SpeechChunk[] {
    const chunks: SpeechChunk[] = [];
    let from = 0;
    for (;;) {
      const begin = skipBlanks(this.#pending, from);
      const end = this.#boundary(begin, complete);
      if (end === undefined) {
        from = begin;
        break;
      }
      const text = this.#pending.slice(begin, end).trimEnd();
      if (/[\p{L}\p{N}]/u.test(text)) {
        chunks.push({ text, start: this.#offset + begin, end: this.#offset + begin + text.length });
        this.#first = false;
      }
      from = end;
    }
    this.#pending = this.#pending.slice(from);
    this.#offset += from;
    return chunks;
  }

  /** Index behind the chunk that begins at `begin`; nothing where it is not complete. */
  #boundary(begin: number, complete: boolean): number | undefined {
    const text = this.#pending;
    const limit = begin + this.#maxCharacters;
    for (let at = begin; at < text.length; at += 1) {
      if (at >= limit) return cutBefore(text, begin, limit);
      const character = text[at] ?? "";
      if (character === "\n") return at + 1;
      if (".!?…".includes(character)) {
        const end = sentenceEnd(text, at, complete);
        if (end === "wait") return undefined;
        if (end !== "no") return end;
      } else if (this.#first && this.#firstClauseWords > 0) {
        const end = this.#firstClauseEnd(begin, at, complete);
        if (end === "wait") return undefined;
        if (end !== "no") return end;
      }
    }
    return complete && begin < text.length ? text.length : undefined;
  }

  #firstClauseEnd(begin: number, at: number, complete: boolean): number | "no" | "wait" {
    const text = this.#pending;
    const character = text[at] ?? "";
    const isMark = clauseMark.test(character);
    if (!isMark && !/\s/u.test(character)) return "no";
    if (wordCount(text.slice(begin, at)) < this.#firstClauseWords) return "no";
    const ahead = text.slice(at, at + openerCharacters);
    if (isMark) {
      if (ahead.length < 2) return complete ? "no" : "wait";
      return /^.\s/u.test(ahead) ? at + 1 : "no";
    }
    if (clauseOpeners.test(ahead)) return at;
    return ahead.length < openerCharacters && !complete && !/^\s\S+\s/u.test(ahead) ? "wait" : "no";
  }
}

/** Where a sentence that is too long is cut: behind its last clause mark, else between words, else in the middle of what has no blanks. */
function cutBefore(text: string, begin: number, limit: number): number {
  const window = text.slice(begin, limit);
  const earliest = Math.floor(window.length / 3);
  for (const allowed of [/[,;:–—]$/u, /[^.\d]$/u, /.$/su]) {
    for (let at = window.length - 1; at > earliest; at -= 1) {
      if (/\s/u.test(window[at] ?? "") && allowed.test(window.slice(at - 1, at))) return begin + at;
    }
  }
  const splitsPair = /[\ud800-\udbff]$/u.test(window);
  return splitsPair ? limit - 1 : limit;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/u.test(text[at] ?? "")) at += 1;
  return at;
}

function wordCount(text: string): number {
  return text.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;
}
