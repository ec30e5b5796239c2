/** Told of what happens inside an engine, where it happens: between two steps. Must return at once and never throw. */
export interface EngineObserver {
  /** @param sequences conversations that are computed together in the step that begins */
  stepBegan(sequences: number): void;
  /**
   * A reply's next token is chosen.
   * @param adapterId undefined: the base model's
   * @param gapMs since the one before it
   */
  tokenChosen(adapterId: string | undefined, gapMs: number): void;
}
