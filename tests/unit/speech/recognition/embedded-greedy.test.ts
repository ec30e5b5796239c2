import { describe, expect, test } from "vitest";
import { greedySearch } from "../../../../services/speech/recognition/embedded/greedy.ts";
import { spelled, tokens } from "../../../support/spelled-logits.ts";

function read(symbols: string): string {
  const frames = { logits: spelled(symbols), count: symbols.length, symbols: tokens.symbols.length };
  return greedySearch(frames, tokens)
    .map((symbol) => tokens.symbols[symbol])
    .join("");
}

describe("reading letter by letter", () => {
  test("joins a letter that lasts, and keeps one that a blank repeats", () => {
    expect(read("_mm_eerr__h_a_ab_a")).toBe("merhaaba");
  });

  test("puts one space between words and none at either end", () => {
    expect(read(" _ ab_ _ _c  ")).toBe("ab c");
  });

  test("reads nothing where only blanks are heard", () => {
    expect(read("____")).toBe("");
  });
});
