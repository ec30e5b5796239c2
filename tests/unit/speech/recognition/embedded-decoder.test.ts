import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { align } from "../../../../services/speech/recognition/embedded/alignment.ts";
import { createEmbeddedDecoder } from "../../../../services/speech/recognition/embedded/decoder.ts";
import { parseTokens } from "../../../../services/speech/recognition/embedded/tokens.ts";
import { logitsOf, spelled, tokens, tokensText } from "../../../support/spelled-logits.ts";

const languageModel = readFileSync("models/speech/tr-lm-v1.bin");
const decoder = createEmbeddedDecoder({ tokens: tokensText, languageModel });
const symbols = tokens.symbols.length;

function decode(logits: Float32Array, beam = true) {
  return decoder.decode(logits, logits.length / symbols, symbols, { beam });
}

describe("the embedded decoder", () => {
  test("gives the text with its words in order", () => {
    const { text, words } = decode(spelled("__m_e_r_h_a_b_a___ __d_ü_n_y_a__"));
    expect(text).toBe("merhaba dünya");
    expect(words.map((word) => word.text)).toEqual(["merhaba", "dünya"]);
  });

  test.each([true, false])("says when each word was said (beam: %s)", (beam) => {
    const quiet = "_".repeat(50);
    const { words } = decode(spelled(`${quiet}e_v${quiet} ${quiet}v_a_r${quiet}`), beam);
    // Frames are 20 ms: "ev" is heard in frames 50 to 52, "var" in frames 154 to 158.
    expect(words).toMatchObject([
      { startMs: 970, endMs: 1090 },
      { startMs: 3050, endMs: 3210 },
    ]);
  });

  test("never lets words overlap nor leave the audio", () => {
    const logits = spelled("e_v v_a_r");
    const { words } = decode(logits, false);
    expect(words[0]?.startMs).toBe(0);
    expect(words[1]?.startMs).toBeGreaterThanOrEqual(words[0]?.endMs as number);
    expect(words[1]?.endMs).toBe(180);
  });

  test("is less sure of a word that was heard less clearly", () => {
    const clear = [..."_k_a_r_t_ "].map((symbol) => ({ [symbol]: 0.98 }));
    const unclear = [..."_s_o_r_u_"].map((symbol) => ({ [symbol]: symbol === "_" ? 0.98 : 0.6 }));
    const { words, confidence } = decode(logitsOf([...clear, ...unclear]));
    expect(words[0]?.confidence).toBeCloseTo(0.98, 2);
    expect(words[1]?.confidence).toBeCloseTo(0.6, 2);
    expect(confidence).toBeCloseTo((0.98 + 0.6) / 2, 2);
  });

  test("is sure of a silence that is clear", () => {
    expect(decode(spelled("______", 0.99))).toEqual({ text: "", confidence: expect.closeTo(0.99, 2), words: [] });
  });

  test("has nothing to say about no audio", () => {
    expect(decode(new Float32Array(0))).toEqual({ text: "", confidence: 0, words: [] });
  });

  test("keeps the text of audio that is too long to find each word in", () => {
    const { text, words, confidence } = decode(spelled("e_v ".repeat(2500), 0.9), false);
    expect(text).toBe(Array(2500).fill("ev").join(" "));
    expect(words).toEqual([]);
    expect(confidence).toBeCloseTo(0.9, 2);
  });

  test("refuses numbers that are not of its tokens", () => {
    expect(() => decoder.decode(new Float32Array(60), 2, 30, { beam: true })).toThrow(RangeError);
    expect(() => decoder.decode(new Float32Array(60), 2, symbols, { beam: true })).toThrow(RangeError);
  });
});

describe("where letters were heard", () => {
  const numbers = [..."aab"].map((letter) => tokens.symbols.indexOf(letter));

  test("parts a doubled letter at the blank between", () => {
    const logits = spelled("_aa_a_b");
    const heard = align({ logits, count: 7, symbols }, numbers, tokens.blank);
    expect(heard?.map(({ firstFrame, lastFrame }) => [firstFrame, lastFrame])).toEqual([
      [1, 2],
      [4, 4],
      [6, 6],
    ]);
  });

  test("finds no place for a transcript that is longer than the audio", () => {
    expect(align({ logits: spelled("aab"), count: 3, symbols }, numbers, tokens.blank)).toBeUndefined();
  });
});

describe("tokens", () => {
  test("are the shipped ones", () => {
    expect(readFileSync("models/speech/tokens.txt", "utf8")).toBe(tokensText);
  });

  test.each([
    ["a line is missing", "<blk> 0\na 2\n"],
    ["there is no blank", "▁ 0\na 1\n"],
    ["there is no space", "<blk> 0\na 1\n"],
    ["there is nothing", ""],
  ])("are refused where %s", (_, text) => {
    expect(() => parseTokens(text)).toThrow(TypeError);
  });
});
