import { describe, expect, it } from "vitest";
import { isTurkish } from "../../../scripts/eval/answers/language.ts";
import { mentions, mentionsAny } from "../../../scripts/eval/answers/mentions.ts";
import { hasSentenceTwice, isRepetitive, repeatedShare } from "../../../scripts/eval/answers/repetition.ts";
import { wordsOf } from "../../../scripts/eval/answers/words.ts";

describe("the words of a text", () => {
  it("are folded, with per cent signs spelt out and thousands put together", () => {
    expect(wordsOf("%10'u İŞ günü, 1.500 TL; 2,5 kat")).toEqual([
      "yuzde",
      "10",
      "u",
      "is",
      "gunu",
      "1500",
      "tl",
      "2,5",
      "kat",
    ]);
  });

  it("keep the parts of a date apart", () => {
    expect(wordsOf("01.02.2024")).toEqual(["01", "02", "2024"]);
  });
});

describe("a fact", () => {
  it.each([
    ["Belge 10 yıldır geçerli.", "10 yıl"],
    ["ON YIL geçerlidir.", "on yıl"],
    ["TEP'in 500 TEP'i aşması", "500 tep"],
    ["DSİ'ye başvurun", "dsi"],
    ["Devlet Su İşlerinden belge alın", "devlet su işleri"],
    ["Bedelin yüzde 2'si", "%2"],
    ["bedelin %2’si", "yüzde 2"],
    ["Arabulucuya gidin", "arabulucu"],
    ["muayene on beş gün sürer", "on beş gün"],
  ])("is found in “%s” as “%s”", (text, fact) => {
    expect(mentions(text, fact)).toBe(true);
  });

  it.each([
    ["15 yıl sürer", "5 yıl"],
    ["on beş yıl sürer", "beş yıl"],
    ["yüzde on beş indirim", "yüzde on"],
    ["yüzde 2,5 tazminat", "%2"],
    ["50 gün", "5 gün"],
    ["Son yıl ödenir", "on yıl"],
    ["Ramazan ayında", "ram"],
    ["", "10 yıl"],
  ])("is not found in “%s” as “%s”", (text, fact) => {
    expect(mentions(text, fact)).toBe(false);
  });

  it("is stated by any of its wordings", () => {
    expect(mentionsAny("Süre 3 aydır.", ["üç ay", "3 ay"])).toBe(true);
    expect(mentionsAny("Süre 4 aydır.", ["üç ay", "3 ay"])).toBe(false);
  });
});

describe("repetition", () => {
  it("is the part of the words that stand in a sequence of four said more than once", () => {
    expect(repeatedShare("bir iki üç dört beş altı yedi sekiz")).toBe(0);
    // "a b c d" twice: eight of ten words.
    expect(repeatedShare("aa bb cc dd ee aa bb cc dd ff")).toBeCloseTo(0.8);
    expect(repeatedShare("")).toBe(0);
  });

  it("counts a word once, however many sequences it stands in", () => {
    expect(repeatedShare("iş yeri, iş yeri, iş yeri, iş yeri")).toBe(1);
  });

  it("passes a short phrase that a long answer needs twice", () => {
    const filler = Array.from({ length: 40 }, (_, at) => `kelime${"abcdefghijklmnopqrstuvwxyz"[at % 26]}${at}`).join(
      " ",
    );
    expect(isRepetitive(`en az on yıl ${filler} en az on yıl`)).toBe(false);
  });

  it("finds a sentence said twice, citation marks aside, and passes short ones", () => {
    const filler =
      "Bambaşka sözcüklerle kurulmuş uzun ara cümle burada durur ve hiçbir şey yinelemez, yalnızca yer tutar işte.";
    expect(hasSentenceTwice(`Dilekçenizi verin [1]. ${filler} Dilekçenizi verin.`)).toBe(false);
    expect(hasSentenceTwice(`Dilekçenizi müdürlüğe verin [1]. ${filler} Dilekçenizi müdürlüğe verin [2].`)).toBe(true);
    expect(isRepetitive(`Dilekçenizi müdürlüğe verin. ${filler} Dilekçenizi müdürlüğe verin.`)).toBe(true);
  });
});

describe("the language check", () => {
  it.each([
    "Belge, düzenlendiği tarihten itibaren 10 yıl geçerlidir [1].",
    "Bluetooth beacon ile konum birkaç metre sapmayla bulunur.",
    "2020'den beri SGK'nın internet sayfasından başvurulabiliyor.",
    "Elbette.",
    "Evet",
    "Merhaba",
    "Isparta'daki şubeye gidin.",
    "186",
  ])("takes “%s” for Turkish", (text) => {
    expect(isTurkish(text)).toBe(true);
  });

  it.each([
    "You can apply online with your identity card.",
    "In İstanbul you can apply online.",
    "Sie müssen den Antrag beim Amt einreichen.",
    "Puede solicitar la tarjeta en la oficina.",
    "Заявку можно подать онлайн.",
    "Başvuru için 申请 gerekir.",
    "Sabahınız xeyir, işlər necə gedir?",
    "Click here",
  ])("does not take “%s” for Turkish", (text) => {
    expect(isTurkish(text)).toBe(false);
  });
});
