import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  emptyWordHash,
  type LanguageModel,
  readLanguageModel,
  wordHash,
} from "../../../../services/speech/recognition/embedded/language-model.ts";
import { tokens } from "../../../support/spelled-logits.ts";

const bytes = readFileSync("models/speech/tr-lm-v1.bin");
const model = readLanguageModel(bytes, tokens.space);

function numbersOf(text: string): number[] {
  return [...text].map((letter) => tokens.symbols.indexOf(letter));
}

function contextOf(text: string): number {
  return numbersOf(text).reduce((context, letter) => model.following(context, letter), model.start);
}

function costOf(text: string, of: LanguageModel = model): number {
  let context = of.start;
  let cost = 0;
  for (const letter of numbersOf(`${text} `)) {
    cost += of.letterCost(context, letter);
    context = of.following(context, letter);
  }
  return cost;
}

function hashOf(word: string): number {
  return numbersOf(word).reduce(wordHash, emptyWordHash);
}

describe("the language model", () => {
  test.each([
    "",
    "m",
    "me",
    "mer",
    "merh",
    "merha",
    "merhab",
    "kredi ",
    "bir şey",
    "çğzvj",
    "öğrenmek isti",
    "qqq".replaceAll("q", "ğ"),
  ])("shares out one whole among the letters after “%s”", (text) => {
    const context = contextOf(text);
    const shares = tokens.symbols.map((_, letter) =>
      letter === tokens.blank ? 0 : Math.exp(-model.letterCost(context, letter)),
    );
    // Costs are stored in steps of 6 %.
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 1);
  });

  test("finds Turkish cheaper than the same letters in another order", () => {
    expect(costOf("fatura ne zaman gelir")).toBeLessThan(costOf("aftura en zamna egilr") - 10);
  });

  test("looks five letters back and no further", () => {
    const letter = tokens.symbols.indexOf("a");
    expect(model.letterCost(contextOf("xyzmerhab".slice(3)), letter)).toBe(
      model.letterCost(contextOf("zerhab"), letter),
    );
    expect(model.letterCost(contextOf("merhab"), letter)).not.toBe(model.letterCost(contextOf("mezhab"), letter));
  });

  test("knows words that are often said, dearer the rarer, and not those that nobody says", () => {
    const often = model.wordCost(hashOf("bir"));
    const seldom = model.wordCost(hashOf("poliçe"));
    expect(often).toBeLessThan(seldom as number);
    expect(model.wordCost(hashOf("zıçgömvüf"))).toBeUndefined();
  });

  test("reads bytes that begin at an odd place", () => {
    const moved = new Uint8Array(bytes.length + 1);
    moved.set(bytes, 1);
    expect(costOf("merhaba", readLanguageModel(moved.subarray(1), tokens.space))).toBe(costOf("merhaba"));
  });

  test.each([
    ["an empty file", new Uint8Array(0)],
    ["another file", new TextEncoder().encode("RIFF and so on")],
    ["a header that is cut short", bytes.subarray(0, 20)],
    ["a body that is cut short", bytes.subarray(0, bytes.length - 4)],
  ])("refuses %s", (_, broken) => {
    expect(() => readLanguageModel(broken, tokens.space)).toThrow(TypeError);
  });

  test("refuses a header of another schema", () => {
    const altered = Uint8Array.from(bytes);
    const at = new TextDecoder("latin1").decode(altered.subarray(0, 200)).indexOf("lm-1");
    altered[at + 3] = "2".charCodeAt(0);
    expect(() => readLanguageModel(altered, tokens.space)).toThrow(/schema/);
  });
});
