import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { firstFault } from "../foundation/index.ts";
import { AnswerWordsError } from "./errors.ts";

/** Which words of questions draw which words of answers, as `npm run knowledge:fit` learns it from dialogues; words as their first letters. */
export interface AnswerWords {
  /** Of a question's word: how often it is said in questions at all, 0–1. */
  readonly share: ReadonlyMap<string, number>;
  /** Of an answer's word: the words that ask for it, and how likely each is said of it, 0–1. */
  readonly draws: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const answerWordsFile = "answer-words.json";

/** What the file holds: probabilities as whole numbers, a share of 1 is 1,000,000 and a draw of 1 is 1,000. */
const AnswerWordsFile = Type.Object({
  schema: Type.Literal("sektor-answer-words-1"),
  questionWords: Type.Array(Type.String({ minLength: 1, maxLength: 5 }), { maxItems: 100_000 }),
  shares: Type.Array(Type.Integer({ minimum: 1, maximum: 1_000_000 }), { maxItems: 100_000 }),
  /** Place in `questionWords`, draw, place, draw, … */
  draws: Type.Record(Type.String(), Type.Array(Type.Integer({ minimum: 0, maximum: 100_000 }))),
});

/**
 * The answer words of a folder; undefined when it has none.
 * @throws {AnswerWordsError} the file is not one of this schema
 */
export function loadAnswerWords(folder: string): AnswerWords | undefined {
  const path = join(folder, answerWordsFile);
  return existsSync(path) ? decodeAnswerWords(readFileSync(path, "utf8")) : undefined;
}

/** @throws {AnswerWordsError} */
export function decodeAnswerWords(text: string): AnswerWords {
  const { questionWords, shares, draws } = parse(text);
  if (shares.length !== questionWords.length) throw new AnswerWordsError("it has as many shares as words");
  const drawsOf = (flat: readonly number[]): ReadonlyMap<string, number> => {
    const drawn = new Map<string, number>();
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const word = questionWords[flat[at] ?? -1];
      if (word === undefined) throw new AnswerWordsError("every draw is of a word it names");
      drawn.set(word, (flat[at + 1] ?? 0) / 1e3);
    }
    return drawn;
  };
  return {
    share: new Map(questionWords.map((word, at) => [word, (shares[at] ?? 1) / 1e6])),
    draws: new Map(Object.entries(draws).map(([word, flat]) => [word, drawsOf(flat)])),
  };
}

export function encodeAnswerWords({ share, draws }: AnswerWords): string {
  const words = [...share.keys()];
  const place = new Map(words.map((word, at) => [word, at]));
  const flat = ([word, drawn]: readonly [string, ReadonlyMap<string, number>]) =>
    [word, [...drawn].flatMap(([asked, draw]) => [place.get(asked) ?? -1, Math.round(draw * 1e3)])] as const;
  const file: Static<typeof AnswerWordsFile> = {
    schema: "sektor-answer-words-1",
    questionWords: words,
    shares: [...share.values()].map((value) => Math.max(1, Math.round(value * 1e6))),
    draws: Object.fromEntries([...draws].map(flat)),
  };
  return `${JSON.stringify(file)}\n`;
}

function parse(text: string): Static<typeof AnswerWordsFile> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AnswerWordsError("it is JSON");
  }
  const fault = firstFault(AnswerWordsFile, value);
  if (fault !== undefined) throw new AnswerWordsError(`its ${fault.instancePath} ${fault.message}`);
  return value as Static<typeof AnswerWordsFile>;
}
