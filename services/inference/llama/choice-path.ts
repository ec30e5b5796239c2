/**
 * Where a reply stands that must be one of several texts: which of them are still open, and which tokens may come next. A trie of their
 * tokens, walked without being built: there are few texts, and each token is looked at once.
 */
export class ChoicePath {
  readonly #endTokens: readonly number[];
  #open: readonly (readonly number[])[];
  #said = 0;

  /**
   * @param texts each as the tokens it is read as; none is empty
   * @param endTokens what a model says at the end of its turn, for where one text is the beginning of another
   */
  constructor(texts: readonly (readonly number[])[], endTokens: readonly number[]) {
    this.#open = texts;
    this.#endTokens = endTokens;
  }

  /** The tokens that may come next; empty when the reply is over. */
  get allowed(): readonly number[] {
    if (this.isOver) return [];
    const next = this.#open.flatMap((text) => text[this.#said] ?? this.#endTokens);
    return [...new Set(next)];
  }

  /** A whole text has been said, and no other goes on from here. */
  get isOver(): boolean {
    return this.#open.every((text) => text.length === this.#said);
  }

  /** Goes on with a token that begins one of them. @returns it, and the tokens after it as far as there is only one way */
  follow(token: number): readonly number[] {
    const said: number[] = [];
    for (let next: number | undefined = token; next !== undefined; next = this.#onlyWay()) {
      const chosen = next;
      this.#open = this.#open.filter((text) => text[this.#said] === chosen);
      if (this.#open.length === 0) throw new Error("A token was chosen that begins none of the texts.");
      said.push(chosen);
      this.#said++;
    }
    return said;
  }

  /** The token all open texts go on with; undefined: they part here, or one ends. */
  #onlyWay(): number | undefined {
    const token = this.#open[0]?.[this.#said];
    return this.#open.every((text) => text[this.#said] === token) ? token : undefined;
  }
}
