import type { AnswerQuestion } from "./answer-questions.ts";
import type { ChatAnswer } from "./chat-client.ts";
import { isTurkish } from "./language.ts";
import { mentions, mentionsAny } from "./mentions.ts";
import { isRepetitive } from "./repetition.ts";
import { wordsOf } from "./words.ts";

export interface Verdict {
  readonly id: string;
  readonly sector: string;
  /** Facts the answer states, of those it must. */
  readonly facts: number;
  readonly of: number;
  /** Claims it makes although it must not. */
  readonly claims: number;
  /** No letter and no digit in it. */
  readonly empty: boolean;
  readonly repetitive: boolean;
  readonly turkish: boolean;
  readonly words: number;
  readonly sources: number;
  /** A right document is among the sources, and cited; undefined: which one is right is not known. */
  readonly found: boolean | undefined;
  readonly foundCited: boolean | undefined;
  /** It cites at least one of its sources. */
  readonly cites: boolean;
  /** It has a mark such as [3] for which there is no source. */
  readonly citesNothing: boolean;
  readonly firstMs: number;
  readonly tokens: number;
}

/** @param right documents the answer stands in, if that is known */
export function judgeAnswer(
  question: AnswerQuestion,
  answer: ChatAnswer,
  right: ReadonlySet<string> | undefined,
): Verdict {
  const marks = [...answer.text.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
  const cited = answer.sources.filter((_, at) => marks.includes(at + 1));
  const isRight = (source: { document: string }): boolean => right?.has(source.document) === true;
  const words = wordsOf(answer.text);
  return {
    id: question.id,
    sector: question.sector,
    facts: question.mustMention.filter((wordings) => mentionsAny(answer.text, wordings)).length,
    of: question.mustMention.length,
    claims: question.mustNot.filter((claim) => mentions(answer.text, claim)).length,
    empty: words.length === 0,
    repetitive: isRepetitive(answer.text),
    turkish: isTurkish(answer.text),
    words: words.length,
    sources: answer.sources.length,
    found: right === undefined ? undefined : answer.sources.some(isRight),
    foundCited: right === undefined ? undefined : cited.some(isRight),
    cites: cited.length > 0,
    citesNothing: marks.some((mark) => mark < 1 || mark > answer.sources.length),
    firstMs: answer.firstMs,
    tokens: answer.tokens,
  };
}
