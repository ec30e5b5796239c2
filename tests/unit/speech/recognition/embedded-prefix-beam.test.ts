import { describe, expect, test } from "vitest";
import type { Frames } from "../../../../services/speech/recognition/embedded/frames.ts";
import { greedySearch } from "../../../../services/speech/recognition/embedded/greedy.ts";
import {
  emptyWordHash,
  type LanguageModel,
  wordHash,
} from "../../../../services/speech/recognition/embedded/language-model.ts";
import {
  type BeamSettings,
  defaultBeam,
  prefixBeamSearch,
} from "../../../../services/speech/recognition/embedded/prefix-beam.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { logitsOf, spelled, tokens } from "../../../support/spelled-logits.ts";

const soundAlone: BeamSettings = {
  ...defaultBeam,
  width: 500,
  margin: 100,
  leastLogProbability: -15,
  languageWeight: 0,
  letterBonus: 0,
};

/** Every letter is as likely as every other; `words` are said half of the time. */
function languageOf(words: readonly string[]): LanguageModel {
  const hashes = new Set(words.map((word) => numbersOf(word).reduce(wordHash, emptyWordHash)));
  return {
    start: 0,
    following: () => 0,
    letterCost: () => Math.log(30),
    wordCost: (hash) => (hashes.has(hash) ? Math.log(2 * words.length) : undefined),
  };
}

function numbersOf(text: string): number[] {
  return [...text].map((letter) => tokens.symbols.indexOf(letter));
}

function framesOf(logits: Float32Array): Frames {
  return { logits, count: logits.length / tokens.symbols.length, symbols: tokens.symbols.length };
}

function search(logits: Float32Array, language = languageOf([]), settings = soundAlone): string {
  return textOf(prefixBeamSearch(framesOf(logits), tokens, language, settings));
}

function textOf(symbols: readonly number[]): string {
  return symbols.map((symbol) => tokens.symbols[symbol]).join("");
}

/** The likeliest transcript, by adding up every single path. */
function byAllPaths(logits: Float32Array, letters: readonly string[]): string {
  const frames = framesOf(logits);
  const choices = [tokens.blank, ...letters.map((letter) => tokens.symbols.indexOf(letter))];
  const sums = new Map<string, number>();
  function walk(frame: number, path: readonly number[], p: number): void {
    if (frame === frames.count) {
      const text = path
        .filter((symbol, at) => symbol !== tokens.blank && symbol !== path[at - 1])
        .map((symbol) => tokens.symbols[symbol])
        .join("");
      sums.set(text, (sums.get(text) ?? 0) + p);
      return;
    }
    for (const symbol of choices)
      walk(frame + 1, [...path, symbol], p * Math.exp(frames.logits[frame * frames.symbols + symbol] as number));
  }
  walk(0, [], 1);
  return [...sums].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

describe("the beam", () => {
  test("adds up all paths of a transcript where letter by letter sees only the best path", () => {
    // The single likeliest path is blank, blank; but three paths say "a", and together they are likelier.
    const logits = logitsOf([
      { _: 0.6, a: 0.4 },
      { _: 0.6, a: 0.4 },
    ]);
    expect(textOf(greedySearch(framesOf(logits), tokens))).toBe("");
    expect(search(logits)).toBe("a");
  });

  test.each(Array.from({ length: 10 }, (_, seed) => seed))(
    "finds what adding up every path finds (draw %i)",
    (seed) => {
      const next = seededRandom(seed);
      const letters = ["a", "b", "c"];
      const logits = logitsOf(
        Array.from({ length: 6 }, () => {
          const raw = [...letters, "_"].map((symbol) => [symbol, next() ** 2 + 0.01] as const);
          const sum = raw.reduce((total, [, p]) => total + p, 0);
          return Object.fromEntries(raw.map(([symbol, p]) => [symbol, p / sum]));
        }),
      );
      expect(search(logits)).toBe(byAllPaths(logits, letters));
    },
  );

  test("keeps a doubled letter that a blank parts, and joins one that lasts", () => {
    expect(search(spelled("_ddi_k_k_a_t"))).toBe("dikkat");
  });

  test("puts one space between words and none at either end", () => {
    expect(search(spelled(" _ab_ _ c "))).toBe("ab c");
  });

  test("says nothing where nothing was said, and with no frames at all", () => {
    expect(search(spelled("_____"))).toBe("");
    expect(search(new Float32Array(0))).toBe("");
  });

  test("prefers a word that exists to one that sounds a little more like it", () => {
    const logits = logitsOf([{ k: 0.9 }, { a: 0.9 }, { r: 0.9 }, { d: 0.55, t: 0.44 }]);
    expect(search(logits)).toBe("kard");
    expect(search(logits, languageOf(["kart"]), { ...soundAlone, languageWeight: 0.5 })).toBe("kart");
  });

  test("closes the last word too", () => {
    const logits = logitsOf([
      { b: 0.97 },
      { u: 0.97 },
      { " ": 0.97 },
      { k: 0.97 },
      { a: 0.97 },
      { r: 0.97 },
      { d: 0.55, t: 0.44 },
    ]);
    expect(search(logits, languageOf(["bu", "kart"]), { ...soundAlone, languageWeight: 0.5 })).toBe("bu kart");
  });

  test("does not let the language overrule a clear sound", () => {
    expect(search(spelled("kard", 0.999), languageOf(["kart"]), defaultBeam)).toBe("kard");
  });
});
