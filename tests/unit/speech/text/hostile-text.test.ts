import { describe, expect, it } from "vitest";
import { normalizeForSpeech } from "../../../../services/speech/text/normalize.ts";

/** Something that a careless pattern would read again and again; the test's own time limit is the judge. */
function long(unit: string, characters = 30_000): string {
  return unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters);
}

describe("reading a hostile text", () => {
  it.each([
    ["digits", "7"],
    ["grouped digits", "1.250,"],
    ["half-grouped digits", "1."],
    ["letters", "a"],
    ["capitals", "A"],
    ["initials", "a."],
    ["half a telephone number", "0532 123 "],
    ["half an IBAN", "TR33 0006 "],
    ["half a card", "1234 **** "],
    ["half a time", "12:30:"],
    ["half a date", "01.01."],
    ["ranges", "1-"],
    ["fractions", "1/2/"],
    ["half an address", "a@"],
    ["hosts", "a.com."],
    ["suffixes", "5'te'te"],
    ["currencies", "₺"],
    ["percents", "%"],
    ["Roman numerals", "XIV."],
    ["half a link", "[a]("],
    ["brackets", "["],
    ["half a tag", "<a"],
    ["entities", "&amp;"],
    ["stars", "*"],
    ["underscores", "_a"],
    ["quotes of quotes", "> "],
    ["lists of lists", "- "],
    ["tables", "|"],
    ["commas", ","],
    ["all marks", ",.;: "],
    ["full stops", "."],
    ["lines", "\n"],
    ["hard blanks", "1\u00a0000"],
    ["emojis", "🙂"],
    ["lone surrogates", "\ud83d"],
    ["combining marks", "\u0301"],
    ["abbreviations", "vb."],
    ["context words", "saat 1.5, "],
  ])("takes %s and leaves no digit", (_what, unit) => {
    const spoken = normalizeForSpeech(long(unit));
    expect(spoken).not.toMatch(/\d/u);
    expect(spoken.length).toBeLessThan(450_000);
  });

  it.each([
    ["brackets", "["],
    ["commas", ","],
    ["full stops", "."],
    ["lines", "\n"],
  ])("takes 200 000 %s and says nothing", (_what, unit) => {
    expect(normalizeForSpeech(long(unit, 200_000))).toBe("");
  });

  it("reads every one of 100 000 digits", () => {
    expect(normalizeForSpeech(long("7", 100_000)).replaceAll(",", "").split(" ")).toEqual(Array(100_000).fill("yedi"));
  });
});
