import type { AnswerWords } from "../../../services/retrieval/answer-words.ts";

export interface WordPair {
  readonly asked: readonly string[];
  readonly answered: readonly string[];
}

const rounds = 6;
/** Counts that every answer word owes to words it never drew: what was seen once proves little. */
const caution = 0.5;
/** Weaker draws are left out: a third of the table, and no figure the worse for it. */
const leastDraw = 0.01;
/** Stands for what people say whatever the answer. */
const anything = "";

/**
 * IBM Model 1 from answers to questions: of which word of the answer is each word of the question most likely said?
 * Brown et al. 1993, "The mathematics of statistical machine translation".
 */
export function learnAnswerWords(pairs: readonly WordPair[]): AnswerWords {
  const whole = pairs.map(({ asked, answered }) => ({ asked, answered: [...answered, anything] }));
  let draws = evenly(whole);
  for (let round = 0; round < rounds; round++) draws = better(whole, draws);
  const counts = new Map<string, number>();
  for (const { asked } of pairs) for (const word of asked) counts.set(word, (counts.get(word) ?? 0) + 1);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  draws.delete(anything);
  return {
    share: new Map([...counts].map(([word, count]) => [word, (count + caution) / all])),
    draws: new Map(
      [...draws].map(([word, drawn]) => [word, new Map([...drawn].filter(([, draw]) => draw >= leastDraw))]),
    ),
  };
}

type Draws = Map<string, Map<string, number>>;

function evenly(pairs: readonly WordPair[]): Draws {
  const draws: Draws = new Map();
  for (const { asked, answered } of pairs)
    for (const from of answered) for (const word of asked) add(draws, from, word, 1);
  return draws;
}

function better(pairs: readonly WordPair[], draws: Draws): Draws {
  const counts: Draws = new Map();
  for (const { asked, answered } of pairs) {
    for (const word of asked) {
      const each = answered.map((from) => draws.get(from)?.get(word) ?? 0);
      const all = each.reduce((sum, draw) => sum + draw, 0);
      for (const [at, from] of answered.entries()) add(counts, from, word, (each[at] ?? 0) / all);
    }
  }
  for (const drawn of counts.values()) {
    const all = [...drawn.values()].reduce((sum, count) => sum + count, caution);
    for (const [word, count] of drawn) drawn.set(word, count / all);
  }
  return counts;
}

function add(draws: Draws, from: string, word: string, count: number): void {
  const drawn = draws.get(from) ?? new Map<string, number>();
  drawn.set(word, (drawn.get(word) ?? 0) + count);
  draws.set(from, drawn);
}
