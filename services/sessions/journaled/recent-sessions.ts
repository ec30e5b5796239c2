import type { SessionState } from "../session-state.ts";

/** The sessions used last, bounded by the text they hold. */
export class RecentSessions {
  readonly #maxCharacters: number;
  /** Least recently used first. */
  readonly #sessions = new Map<string, { readonly state: SessionState; readonly characters: number }>();
  #characters = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  get(id: string): SessionState | undefined {
    const known = this.#sessions.get(id);
    if (known === undefined) return undefined;
    this.#sessions.delete(id);
    this.#sessions.set(id, known);
    return known.state;
  }

  set(id: string, state: SessionState): void {
    this.delete(id);
    const characters = sizeOf(state);
    this.#sessions.set(id, { state, characters });
    this.#characters += characters;
    for (const oldest of this.#sessions.keys()) {
      if (this.#characters <= this.#maxCharacters) return;
      this.delete(oldest);
    }
  }

  delete(id: string): void {
    this.#characters -= this.#sessions.get(id)?.characters ?? 0;
    this.#sessions.delete(id);
  }
}

/** Characters of what was said, and an allowance for all that goes with a message. */
function sizeOf({ messages }: SessionState): number {
  return messages.reduce((sum, { content }) => sum + content.length + 300, 300);
}
