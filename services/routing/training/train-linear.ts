import { createRandom, shuffle } from "./random.ts";

/** Texts as sparse rows: example i owns `rows`/`values` from `offsets[i]` to `offsets[i + 1]`; values have length 1 together. */
export interface SparseExamples {
  readonly count: number;
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
  readonly values: Float32Array;
  /** Probability of each class, `classes` numbers an example. */
  readonly targets: Float32Array;
  /** How much each example counts. */
  readonly importance: Float32Array;
}

export interface TrainingSpec {
  readonly seed: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** Pull towards 0 at every visit of a weight. */
  readonly decay: number;
}

export interface LinearWeights {
  readonly classes: number;
  readonly buckets: number;
  /** Row-major: [buckets × classes]. */
  readonly table: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Multinomial logistic regression by AdaGrad: one pass an epoch in shuffled order, each weight with its own step size, so
 * that rare n-grams learn as fast as common ones. Duchi, Hazan, Singer 2011, https://jmlr.org/papers/v12/duchi11a.html
 */
export function trainLinear(examples: SparseExamples, buckets: number, classes: number, spec: TrainingSpec): LinearWeights {
  const table = new Float32Array(buckets * classes);
  const bias = new Float32Array(classes);
  const squares = new Float32Array(buckets * classes).fill(1e-4);
  const biasSquares = new Float32Array(classes).fill(1);
  const scores = new Float64Array(classes);
  const order = Int32Array.from({ length: examples.count }, (_, at) => at);
  const random = createRandom(spec.seed);
  const { offsets, rows, values, targets, importance } = examples;
  for (let epoch = 0; epoch < spec.epochs; epoch++) {
    shuffle(order, random);
    const rate = spec.learningRate * (1 - epoch / spec.epochs);
    for (let turn = 0; turn < order.length; turn++) {
      const example = order[turn] as number;
      const from = offsets[example] as number;
      const to = offsets[example + 1] as number;
      for (let c = 0; c < classes; c++) scores[c] = bias[c] as number;
      for (let at = from; at < to; at++) {
        const row = (rows[at] as number) * classes;
        const value = values[at] as number;
        for (let c = 0; c < classes; c++) scores[c] = (scores[c] as number) + (table[row + c] as number) * value;
      }
      softmaxInPlace(scores);
      const weight = importance[example] as number;
      for (let c = 0; c < classes; c++) {
        const gradient = ((scores[c] as number) - (targets[example * classes + c] as number)) * weight;
        scores[c] = gradient;
        biasSquares[c] = (biasSquares[c] as number) + gradient * gradient;
        bias[c] = (bias[c] as number) - (rate * 0.1 * gradient) / Math.sqrt(biasSquares[c] as number);
      }
      for (let at = from; at < to; at++) {
        const row = (rows[at] as number) * classes;
        const value = values[at] as number;
        for (let c = 0; c < classes; c++) {
          const cell = row + c;
          const held = table[cell] as number;
          const gradient = (scores[c] as number) * value + spec.decay * held;
          const square = (squares[cell] as number) + gradient * gradient;
          squares[cell] = square;
          table[cell] = held - (rate * gradient) / Math.sqrt(square);
        }
      }
    }
  }
  return { classes, buckets, table, bias };
}

/** Shifted by the largest score so that no exponent overflows. */
export function softmaxInPlace(scores: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > largest) largest = score;
  let sum = 0;
  for (let at = 0; at < scores.length; at++) {
    const power = Math.exp((scores[at] as number) - largest);
    scores[at] = power;
    sum += power;
  }
  for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] as number) / sum;
}
