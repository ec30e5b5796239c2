const syllables = [
  "ka",
  "le",
  "mi",
  "to",
  "sür",
  "ben",
  "dil",
  "yor",
  "gün",
  "hak",
  "ver",
  "çık",
  "sor",
  "mak",
  "den",
  "lar",
];

/** A text of made-up words, another for each seed. */
export function madeUpText(words: number, seed: number): string {
  let state = (seed + 1) * 2_654_435_761;
  const next = (): string => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return syllables[(state >>> 16) % syllables.length] ?? "";
  };
  return Array.from({ length: words }, () => next() + next()).join(" ");
}
