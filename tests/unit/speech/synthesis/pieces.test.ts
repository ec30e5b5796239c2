import { describe, expect, it } from "vitest";
import { splitIntoPieces } from "../../../../services/speech/synthesis/pieces.ts";

const texts = (text: string) => splitIntoPieces(text).map((piece) => piece.text);

describe("splitIntoPieces", () => {
  it("leaves a short text whole, with the pause its end asks for", () => {
    expect(splitIntoPieces(" Merhaba, nasılsınız? ")).toEqual([{ text: "Merhaba, nasılsınız?", pauseMs: 320 }]);
    expect(splitIntoPieces("Merhaba")).toEqual([{ text: "Merhaba", pauseMs: 0 }]);
    expect(splitIntoPieces("Bir dakika,")).toEqual([{ text: "Bir dakika,", pauseMs: 150 }]);
    expect(splitIntoPieces("Şöyle ki:")[0]?.pauseMs).toBe(240);
    expect(splitIntoPieces("“Tamam.”")[0]?.pauseMs).toBe(320);
  });

  it("has no pieces for a blank text", () => {
    expect([splitIntoPieces(""), splitIntoPieces(" \n\t ")]).toEqual([[], []]);
  });

  it("begins with less than it goes on with, each as many clauses as fit", () => {
    expect(
      texts(
        "Tabii, hemen bakıyorum. Siparişiniz bu sabah yola çıktı; kargo şubesine öğleden sonra ulaşacak, akşam da evinizde olacak.",
      ),
    ).toEqual([
      "Tabii, hemen bakıyorum. Siparişiniz bu sabah yola çıktı;",
      "kargo şubesine öğleden sonra ulaşacak, akşam da evinizde olacak.",
    ]);
  });

  it("does not cut at punctuation inside a number or a word", () => {
    const text = `${"a".repeat(50)} 3,5 ve 12:30 ${"b".repeat(60)}`;
    expect(texts(text)[0]).toBe(`${"a".repeat(50)} 3,5 ve 12:30`);
  });

  it("cuts a long clause between words, and a word without an end anywhere but inside a character", () => {
    const words = texts("kelime ".repeat(60));
    expect(words.every((text) => text.length <= 120 && !/^elime|keli$/.test(text))).toBe(true);
    const endless = texts("😀".repeat(200));
    expect(endless.every((text) => text.length <= 120 && !/\p{Surrogate}/u.test(text))).toBe(true);
    expect(endless.join("")).toBe("😀".repeat(200));
  });

  it("loses nothing but white space", () => {
    const text = 'Dün geldi. "Bugün gider mi?" dedi… Evet — belki; kim bilir: yarın! '.repeat(30);
    expect(texts(text).join(" ").replace(/\s+/g, "")).toBe(text.replace(/\s+/g, ""));
  });
});
