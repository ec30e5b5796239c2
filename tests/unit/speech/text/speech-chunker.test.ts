import { describe, expect, it } from "vitest";
import {
  type SpeechChunk,
  SpeechChunker,
  type SpeechChunkerOptions,
} from "../../../../services/speech/text/speech-chunker.ts";

function chunksOf(deltas: readonly string[], options: SpeechChunkerOptions = {}): readonly SpeechChunk[] {
  const chunker = new SpeechChunker(options);
  return [...deltas.flatMap((delta) => chunker.push(delta)), ...chunker.flush()];
}

function textsOf(reply: string, options?: SpeechChunkerOptions): readonly string[] {
  return chunksOf([reply], options).map(({ text }) => text);
}

const replies = [
  "Merhaba, size nasıl yardımcı olabilirim?",
  "Siparişiniz bugün saat 15.30'da yola çıktı, yarın elinizde olur. Başka bir sorunuz var mı? Yardımcı olurum!",
  "Dr. Kaya 3. katta, 1.250,50 TL ödersiniz vb. T.C. kimliğinizi getirin. Örnek A.Ş. Ankara'dadır. www.ornek.com.tr adresine bakın.",
  "Gerekenler şunlardır:\n\n1. Kimlik fotokopisi\n2. Nüfus kaydı örneği\n- ikametgâh\n",
  "Bekleyin... Şimdi oldu!!! “Tamam.” dedi. (Bitti.) 19. Hukuk Dairesi karar verdi. Yıl 2024. Sonra geldi.",
  "   \n\n  ",
  `Bu cümlenin sonu yoktur ${"ve sürer ".repeat(80)}`,
  "🙂 Selam 👍🏽. Nasılsınız bugün acaba iyi misiniz ama ben de iyiyim. 🙂",
];

describe("a reply made into chunks that can be spoken", () => {
  it.each(replies)("comes out alike however it is cut into deltas: %j", (reply) => {
    const whole = chunksOf([reply]);
    for (let cut = 1; cut < reply.length; cut += 1) {
      expect(chunksOf([reply.slice(0, cut), reply.slice(cut)])).toEqual(whole);
    }
    expect(chunksOf([...reply])).toEqual(whole);
  });

  it.each(replies)("tells where in the reply each chunk stands: %j", (reply) => {
    let behind = 0;
    for (const { text, start, end } of chunksOf([...reply])) {
      expect(reply.slice(start, end)).toBe(text);
      expect(text).toBe(text.trim());
      expect(start).toBeGreaterThanOrEqual(behind);
      behind = end;
    }
  });

  it.each(replies)("loses no word: %j", (reply) => {
    const words = (text: string): readonly string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];
    expect(words(textsOf(reply).join(" "))).toEqual(words(reply));
  });

  it("speaks the first clause before its sentence is complete", () => {
    const chunker = new SpeechChunker();
    expect(chunker.push("Siparişiniz bugün yola çıktı,")).toEqual([]);
    expect(chunker.push(" yarın")).toEqual([{ text: "Siparişiniz bugün yola çıktı,", start: 0, end: 29 }]);
  });

  it("waits for four words before it speaks a first clause", () => {
    expect(textsOf("Evet, bugün geldi, yarın gider.")).toEqual(["Evet, bugün geldi, yarın gider."]);
    expect(textsOf("Evet, bugün geldi ve, yarın gider.")).toEqual(["Evet, bugün geldi ve,", "yarın gider."]);
  });

  it("ends a first clause before a conjunction that opens another", () => {
    expect(textsOf("Siparişiniz dün akşam çıktı ama henüz gelmedi.")).toEqual([
      "Siparişiniz dün akşam çıktı",
      "ama henüz gelmedi.",
    ]);
  });

  it("cuts only the first sentence at a comma", () => {
    expect(textsOf("Geldi. Siparişiniz bugün yola çıktı, yarın elinizde olur.")).toEqual([
      "Geldi.",
      "Siparişiniz bugün yola çıktı, yarın elinizde olur.",
    ]);
  });

  it.each([
    ["an ordinal", "Ofisimiz 3. katta."],
    ["a counted name", "Karar 19. Hukuk Dairesi tarafından verildi."],
    ["a title", "Sizi Dr. Kaya ve Av. Demir arayacak."],
    ["an abbreviation inside", "Elma vb. meyveler var."],
    ["an address", "Adres Gül Sok. No: 5, Lale Mah. Ankara"],
    ["a time", "Saat 15.30 uygun."],
    ["an amount", "Tutar 1.250,50 liradır."],
    ["initials", "Bu T.C. Sağlık Bakanlığı kararıdır."],
    ["an initial", "M. Kemal Atatürk kurdu."],
    ["a URL", "Ayrıntı www.ornek.com.tr/destek?a=1.2 sayfasında."],
    ["a decimal point", "Sürüm 2.1.3 çıktı."],
    ["a Roman ordinal", "II. Mehmet fethetti."],
  ])("does not split %s", (_what, sentence) => {
    expect(textsOf(sentence, { firstClauseWords: 0 })).toEqual([sentence]);
  });

  it.each([
    ["full stops", "Bir geldi. İki gitti.", ["Bir geldi.", "İki gitti."]],
    ["questions", "Geldi mi? Evet!", ["Geldi mi?", "Evet!"]],
    ["an abbreviation that ends its sentence", "Elma, armut vb. Sonra gelin.", ["Elma, armut vb.", "Sonra gelin."]],
    ["a time", "Saat 15.30. Bekleriz.", ["Saat 15.30.", "Bekleriz."]],
    ["a year", "Yıl 2024. Sonra gelin.", ["Yıl 2024.", "Sonra gelin."]],
    ["closing quotes", "“Geldi.” Sonra gitti.", ["“Geldi.”", "Sonra gitti."]],
    ["lines", "Gerekenler:\n- kimlik\n- adres", ["Gerekenler:", "- kimlik", "- adres"]],
  ])("splits at %s", (_what, reply, texts) => {
    expect(textsOf(reply, { firstClauseWords: 0 })).toEqual(texts);
  });

  it("keeps every chunk within its length, cut between words where there are any", () => {
    const long = `${"uzun cümle sürüyor, ".repeat(40)}bitti.`;
    const texts = textsOf(long, { maxCharacters: 100, firstClauseWords: 0 });
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(100);
    expect(texts.slice(0, -1).every((text) => text.endsWith(","))).toBe(true);
  });

  it("cuts what has no blanks, and never within a character", () => {
    const texts = textsOf(`a${"🙂a".repeat(100)}`, { maxCharacters: 20 });
    expect(texts.join("")).toBe(`a${"🙂a".repeat(100)}`);
    expect(texts.filter((text) => /\p{Cs}/u.test(text))).toEqual([]);
  });

  it("gives nothing for a reply without a word", () => {
    expect(textsOf("... !!! 🙂 ---\n\n***")).toEqual([]);
  });

  it("begins anew after a flush", () => {
    const chunker = new SpeechChunker();
    chunker.push("Bir cümle yarım");
    expect(chunker.flush()).toEqual([{ text: "Bir cümle yarım", start: 0, end: 15 }]);
    chunker.push("İkinci yanıt.");
    expect(chunker.flush()).toEqual([{ text: "İkinci yanıt.", start: 0, end: 13 }]);
  });

  it.each([
    ["digits", "7"],
    ["full stops", "."],
    ["blanks", " "],
    ["lines", "\n"],
    ["commas", ","],
  ])("holds no more than a chunk of 100 000 %s", (_what, character) => {
    const chunker = new SpeechChunker({ maxCharacters: 100 });
    let given = 0;
    for (let index = 0; index < 100_000; index += 1) {
      for (const { text } of chunker.push(character)) {
        expect(text.length).toBeLessThanOrEqual(100);
        given += text.length;
      }
    }
    const rest = chunker.flush();
    expect(rest.length).toBeLessThanOrEqual(2);
    expect(given + rest.reduce((sum, { text }) => sum + text.length, 0)).toBe(character === "7" ? 100_000 : 0);
  });
});
