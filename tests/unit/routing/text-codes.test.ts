import { describe, expect, it } from "vitest";
import { maxCharacters, readTextCodes } from "../../../services/routing/text-codes.ts";

const out = new Uint16Array(maxCharacters + 4);
const read = (text: string) => String.fromCharCode(...out.subarray(0, readTextCodes(text, out)));

describe("the letters the router reads", () => {
  it("are lower case, without diacritics, words apart by one space", () => {
    expect(read("IŞIK'ta,  Çağrı—ÖĞÜT!")).toBe(" isik ta cagri ogut ");
    expect(read("kâğıt café naïve Ærø")).toMatch(/^ kagit cafe naive /u);
  });

  it("do not depend on composition, zero-width characters or lengthened letters", () => {
    expect(read("İğne".normalize("NFD"))).toBe(" igne ");
    expect(read("i\u0307\u200bğ\u00adne\ufe0f")).toBe(" igne ");
    expect(read("çooook dikkaaaat 5000")).toBe(" cok dikkat 5000 ");
  });

  it("are none in a text without letters or digits", () => {
    expect(read("")).toBe("");
    expect(read("?! 👍 \u0000\u200b \ud800")).toBe("");
  });

  it("are at most the limit, from the beginning and the end", () => {
    const codes = read(`baş ${"a1 ".repeat(400_000)} son`);
    expect(codes.length).toBeLessThanOrEqual(maxCharacters + 2);
    expect(codes.startsWith(" bas a1 ")).toBe(true);
    expect(codes.endsWith(" son ")).toBe(true);
  });
});
