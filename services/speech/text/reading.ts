/** One thing found in a written text and how it is said. */
export interface Reading {
  /** Index behind what was read. */
  readonly end: number;
  /** In words; "" where it is not to be heard. */
  readonly spoken: string;
  /** Something that can be the end of a range ("5-10 gün"), with its size where that is known. */
  readonly quantity?: { readonly value: number | undefined };
  /** A suffix behind an apostrophe belongs to it ("2024'te"). */
  readonly takesSuffix?: boolean;
  /** A plain word or mark, left where it stands: no blanks are put around it. */
  readonly asIs?: boolean;
}

/** Reads what begins at `at`, or nothing. Looks a bounded way ahead and back, so that a text is read in linear time. */
export type Reader = (text: string, at: number) => Reading | undefined;

/** @param pattern sticky, with bounded repetition */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** The few characters before, for words that tell how a number is meant. */
export function before(text: string, at: number): string {
  return text.slice(Math.max(0, at - 32), at);
}

/** The few characters behind. */
export function behind(text: string, at: number): string {
  return text.slice(at, at + 32);
}
