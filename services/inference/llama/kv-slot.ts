/**
 * One sequence of a context and the tokens whose keys and values it holds.
 * A slot belongs to one adapter for life, so KV computed under one adapter can never be reused under another.
 */
export class KvSlot {
  readonly sequence: number;
  /** What is in KV, position by position. */
  #tokens: number[] = [];
  /** Of `#tokens`, how many from the start were computed in this order; a context shift ends the part that may be reused. */
  #reusable = 0;
  busy = false;
  lastUsed = 0;

  constructor(sequence: number) {
    this.sequence = sequence;
  }

  get length(): number {
    return this.#tokens.length;
  }

  /** How many leading tokens of `prompt` need not be computed again; the last prompt token always is, for its logits. */
  reusableFor(prompt: readonly number[]): number {
    const limit = Math.min(this.#reusable, prompt.length - 1);
    let shared = 0;
    while (shared < limit && this.#tokens[shared] === prompt[shared]) shared++;
    return shared;
  }

  keep(length: number): void {
    this.#tokens.length = Math.min(length, this.#tokens.length);
    this.#reusable = Math.min(this.#reusable, length);
  }

  append(tokens: readonly number[]): void {
    const clean = this.#reusable === this.#tokens.length;
    this.#tokens.push(...tokens);
    if (clean) this.#reusable = this.#tokens.length;
  }

  /** After positions [from, from + count) were removed and the rest moved down. */
  cut(from: number, count: number): void {
    this.#tokens.splice(from, count);
    this.#reusable = Math.min(this.#reusable, from);
  }
}

/** The idle slot that saves most of `prompt`; among equals the one unused for longest. */
export function bestSlot(slots: readonly KvSlot[], prompt: readonly number[]): KvSlot | undefined {
  let best: KvSlot | undefined;
  let bestShared = -1;
  for (const slot of slots) {
    if (slot.busy) continue;
    const shared = slot.reusableFor(prompt);
    if (shared > bestShared || (shared === bestShared && best !== undefined && slot.lastUsed < best.lastUsed)) {
      best = slot;
      bestShared = shared;
    }
  }
  return best;
}
