import { type Choice, chancesOf } from "./fit-weights.ts";

/** Means over questions. */
export interface Judgement {
  readonly count: number;
  /** How much of what is right stands among the first one, two and three. */
  readonly among: readonly [number, number, number];
  /** −ln of the chance that what is right was given: lower is better. */
  readonly surprise: number;
}

/** @param oneIsEnough several right ones count as one: it does not matter which of them comes first */
export function judgeChoices<F extends string>(
  choices: readonly Choice<F>[],
  names: readonly F[],
  weights: Readonly<Record<F, number>>,
  oneIsEnough = false,
): Judgement {
  const judged = choices.map(({ seen, right }) => {
    const chances = chancesOf(seen, names, weights);
    const order = [...seen.keys()].sort((a, b) => (chances[b] ?? 0) - (chances[a] ?? 0));
    const first = (count: number): number => {
      const share = order.slice(0, count).reduce((sum, at) => sum + (right[at] ?? 0), 0);
      return oneIsEnough ? Math.sign(share) : share;
    };
    const surprise = right.reduce((sum, share, at) => sum - share * Math.log(chances[at] ?? 1), 0);
    return { first, surprise };
  });
  const mean = (of: (one: (typeof judged)[number]) => number): number =>
    judged.reduce((sum, one) => sum + of(one), 0) / Math.max(1, judged.length);
  return {
    count: judged.length,
    among: [mean(({ first }) => first(1)), mean(({ first }) => first(2)), mean(({ first }) => first(3))],
    surprise: mean(({ surprise }) => surprise),
  };
}

/** Judgements of parts as one of the whole. */
export function ofAll(parts: readonly Judgement[]): Judgement {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const mean = (of: (part: Judgement) => number): number =>
    parts.reduce((sum, part) => sum + part.count * of(part), 0) / Math.max(1, count);
  return {
    count,
    among: [mean(({ among }) => among[0]), mean(({ among }) => among[1]), mean(({ among }) => among[2])],
    surprise: mean(({ surprise }) => surprise),
  };
}
