import { percentile } from "../../../bench/support/statistics.ts";
import type { Router } from "../../../services/routing/index.ts";

export interface RouterSpeed {
  readonly short: Pace;
  /** Texts of about 500 tokens, made by joining messages. */
  readonly long: Pace;
}

export interface Pace {
  /** Mean letters of a text. */
  readonly letters: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly perSecond: number;
}

const tokensPerLongText = 500;
/** The embedded tokenizer makes about this many tokens of a Turkish word. */
const tokensPerWord = 1.6;
const longTextCount = 10;

/** One thread, one text after another; normalising, n-grams, probabilities and the sorted list included. */
export function measureRouterSpeed(
  router: Router,
  messages: readonly string[],
  rounds: { readonly short: number; readonly long: number } = { short: 20_000, long: 2000 },
): RouterSpeed {
  return {
    short: paceOf(router, messages, rounds.short),
    long: paceOf(router, longTexts(messages), rounds.long),
  };
}

/** Texts of `tokensPerLongText` tokens, from the messages' words over and over. */
export function longTexts(messages: readonly string[]): string[] {
  const words = messages.join(" ").split(/\s+/u);
  const perText = Math.ceil(tokensPerLongText / tokensPerWord);
  return Array.from({ length: longTextCount }, (_, text) =>
    Array.from({ length: perText }, (_, at) => words[(text * perText + at) % words.length]).join(" "),
  );
}

function paceOf(router: Router, texts: readonly string[], rounds: number): Pace {
  const text = (at: number): string => texts[at % texts.length] ?? "";
  for (let at = 0; at < rounds / 5; at++) router.classify(text(at));
  const ms = Array.from({ length: rounds }, (_, at) => {
    const from = performance.now();
    router.classify(text(at));
    return performance.now() - from;
  });
  return {
    letters: Math.round(texts.reduce((sum, one) => sum + one.length, 0) / texts.length),
    p50Ms: percentile(ms, 0.5),
    p95Ms: percentile(ms, 0.95),
    perSecond: (1000 * rounds) / ms.reduce((sum, one) => sum + one, 0),
  };
}
