import { describe, expect, it } from "vitest";
import { attachSuffix } from "../../../../services/speech/text/harmony.ts";
import { cardinalWords, digitWords, groupWords, ordinalWords } from "../../../../services/speech/text/number-words.ts";

const values: Readonly<Record<string, bigint>> = Object.fromEntries([
  ..."sıfır bir iki üç dört beş altı yedi sekiz dokuz".split(" ").map((word, value) => [word, BigInt(value)]),
  ..."on yirmi otuz kırk elli altmış yetmiş seksen doksan"
    .split(" ")
    .map((word, index) => [word, BigInt(index + 1) * 10n]),
] as [string, bigint][]);
const scales: Readonly<Record<string, bigint>> = {
  bin: 10n ** 3n,
  milyon: 10n ** 6n,
  milyar: 10n ** 9n,
  trilyon: 10n ** 12n,
  katrilyon: 10n ** 15n,
};

/** What a listener understands: the way back, written apart from the way there. */
function heard(words: string): bigint {
  let total = 0n;
  let group = 0n;
  for (const word of words.split(" ")) {
    const scale = scales[word];
    if (scale !== undefined) {
      total += (group === 0n ? 1n : group) * scale;
      group = 0n;
    } else if (word === "yüz") group = group === 0n ? 100n : group * 100n;
    else {
      const value = values[word];
      if (value === undefined) throw new Error(`no number: ${word}`);
      group += value;
    }
  }
  return total + group;
}

describe("numbers in words", () => {
  it("are understood as they were meant, every one up to ten thousand", () => {
    for (let number = 0; number <= 10_000; number += 1) expect(heard(cardinalWords(number))).toBe(BigInt(number));
  });

  it("are understood as they were meant at every size up to 10^15", () => {
    let seed = 7n;
    for (let round = 0; round < 3000; round += 1) {
      seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
      const number = (seed >> 4n) % 10n ** BigInt((round % 15) + 1);
      expect(heard(cardinalWords(number))).toBe(number);
    }
    for (let power = 0n; power <= 15n; power += 1n) {
      for (const number of [10n ** power - 1n, 10n ** power, 10n ** power + 1n]) {
        expect(heard(cardinalWords(number))).toBe(number);
      }
    }
  });

  it("say bin and yüz without a bir, but bir milyon", () => {
    expect(cardinalWords(1000)).toBe("bin");
    expect(cardinalWords(1100)).toBe("bin yüz");
    expect(cardinalWords(1_001_000)).toBe("bir milyon bin");
    expect(cardinalWords(101_000)).toBe("yüz bir bin");
    expect(cardinalWords(10n ** 15n)).toBe("bir katrilyon");
  });

  it("become digits where there is no name for their size", () => {
    expect(cardinalWords("9".repeat(18))).toMatch(/^dokuz yüz doksan dokuz katrilyon /u);
    expect(cardinalWords(`1${"0".repeat(18)}`)).toBe(`bir${" sıfır".repeat(18)}`);
  });

  it.each([
    [0, "sıfırıncı"],
    [1, "birinci"],
    [2, "ikinci"],
    [3, "üçüncü"],
    [4, "dördüncü"],
    [5, "beşinci"],
    [6, "altıncı"],
    [7, "yedinci"],
    [8, "sekizinci"],
    [9, "dokuzuncu"],
    [10, "onuncu"],
    [20, "yirminci"],
    [30, "otuzuncu"],
    [40, "kırkıncı"],
    [50, "ellinci"],
    [60, "altmışıncı"],
    [70, "yetmişinci"],
    [80, "sekseninci"],
    [90, "doksanıncı"],
    [100, "yüzüncü"],
    [1000, "bininci"],
    [1_000_000, "bir milyonuncu"],
    [1_000_000_000, "bir milyarıncı"],
  ])("in order: %i", (number, words) => {
    expect(ordinalWords(number)).toBe(words);
  });

  it("are read digit by digit with a breath between groups, never one digit alone behind it", () => {
    expect(digitWords("1203")).toBe("bir iki sıfır üç");
    expect(digitWords("123456", 3)).toBe("bir iki üç, dört beş altı");
    expect(digitWords("1234567", 3)).toBe("bir iki üç, dört beş altı yedi");
  });

  it("keep the zeros in front of a group", () => {
    expect(groupWords("045")).toBe("sıfır kırk beş");
    expect(groupWords("00")).toBe("sıfır sıfır");
    expect(groupWords("0958")).toBe("sıfır dokuz yüz elli sekiz");
    expect(groupWords("1234")).toBe("on iki otuz dört");
    expect(groupWords("12345")).toBe("on iki üç yüz kırk beş");
  });
});

describe("a suffix behind what is really said", () => {
  it.each([
    ["lira", "ye", "liraya"],
    ["lira", "nin", "liranın"],
    ["lira", "lik", "liralık"],
    ["lira", "deki", "liradaki"],
    ["lira", "yken", "lirayken"],
    ["kuruş", "yi", "kuruşu"],
    ["kuruş", "den", "kuruştan"],
    ["kuruş", "nin", "kuruşun"],
    ["dolar", "si", "doları"],
    ["dolar", "siz", "dolarsız"],
    ["dolar", "yle", "dolarla"],
    ["avro", "luk", "avroluk"],
    ["dört", "ü", "dördü"],
    ["dört", "te", "dörtte"],
    ["kırk dört", "ün", "kırk dördün"],
    ["kilovatsaat", "lik", "kilovatsaatlik"],
    ["gigabayt", "lik", "gigabaytlık"],
    ["altı", "er", "altışar"],
    ["beş", "şer", "beşer"],
    ["yedi", "in", "yedinin"],
    ["ka", "dan", "kadan"],
    ["beş", "", "beş"],
  ])("%s + %s: %s", (spoken, suffix, whole) => {
    expect(attachSuffix(spoken, suffix)).toBe(whole);
  });
});
