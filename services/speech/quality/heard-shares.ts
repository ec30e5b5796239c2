import { editDistance } from "./edit-distance.ts";

/** How much of a text came back when it was spoken and heard again; 0–1. */
export interface HeardShares {
  /** 1 − character error rate. */
  readonly letters: number;
  /** 1 − word error rate. */
  readonly words: number;
}

/** Undefined: the text holds nothing that could be heard. Case and punctuation count for nothing. */
export function heardShares(text: string, heard: string): HeardShares | undefined {
  const expected = spokenForm(text);
  if (expected === "") return undefined;
  const got = spokenForm(heard);
  return {
    letters: shareOf([...expected.replaceAll(" ", "")], [...got.replaceAll(" ", "")]),
    words: shareOf(expected.split(" "), got === "" ? [] : got.split(" ")),
  };
}

/** More errors than there were letters is no less than nothing. */
function shareOf(expected: readonly string[], got: readonly string[]): number {
  return Math.max(0, 1 - editDistance(expected, got) / expected.length);
}

function spokenForm(text: string): string {
  return text
    .normalize("NFC")
    .toLocaleLowerCase("tr")
    .replace(/['’]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
