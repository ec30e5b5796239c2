/**
 * Thrown by a handler that lets others go first: its job waits again, and nothing was wrong with it. What it has done so far it has to find
 * again by itself.
 */
export class JobSetAside extends Error {
  override readonly name = "JobSetAside";
  /** When the job is taken again, as in `AddOptions`. */
  readonly turn: number;
  constructor(turn: number) {
    super("Others go first.");
    this.turn = turn;
  }
}
