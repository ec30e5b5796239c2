import { softmaxInPlace } from "../scorer.ts";
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
}

export interface LinearWeights {
  readonly classes: number;
  readonly buckets: number;
  /** Row-major: [buckets × classes]. */
  readonly table: Float32Array;
  /** Row-major: [dimensions × classes]. */
  readonly dense: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Multinomial logistic regression by AdaGrad: one pass an epoch in shuffled order, each row with its own step size, so
 * that rare n-grams learn as fast as common ones. Duchi, Hazan, Singer 2011, https://jmlr.org/papers/v12/duchi11a.html
 * @param directions [examples × dimensions] numbers every example has besides; may be empty
 */
export function trainLinear(
  examples: SparseExamples,
  directions: Float32Array,
  buckets: number,
  classes: number,
  spec: TrainingSpec,
): LinearWeights {
  const table = new Float32Array(buckets * classes);
  const bias = new Float32Array(classes);
  const squares = new Float32Array(buckets).fill(1e-4);
  const dimensions = directions.length / Math.max(1, examples.count);
  const dense = new Float32Array(dimensions * classes);
  const denseSquares = new Float32Array(dimensions).fill(1e-4);
  let biasSquares = 1;
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
      const direction = example * dimensions;
      for (let d = 0, cell = 0; d < dimensions; d++) {
        const value = directions[direction + d] as number;
        for (let c = 0; c < classes; c++, cell++) scores[c] = (scores[c] as number) + (dense[cell] as number) * value;
      }
      softmaxInPlace(scores);
      const weight = importance[example] as number;
      let error = 0;
      for (let c = 0; c < classes; c++) {
        const gradient = ((scores[c] as number) - (targets[example * classes + c] as number)) * weight;
        scores[c] = gradient;
        error += gradient * gradient;
      }
      biasSquares += error;
      const biasRate = (0.1 * rate) / Math.sqrt(biasSquares);
      for (let c = 0; c < classes; c++) bias[c] = (bias[c] as number) - biasRate * (scores[c] as number);
      for (let d = 0, cell = 0; d < dimensions; d++) {
        const value = directions[direction + d] as number;
        const square = (denseSquares[d] as number) + error * value * value;
        denseSquares[d] = square;
        const step = (rate / Math.sqrt(square)) * value;
        for (let c = 0; c < classes; c++, cell++) dense[cell] = (dense[cell] as number) - step * (scores[c] as number);
      }
      for (let at = from; at < to; at++) {
        const row = rows[at] as number;
        const value = values[at] as number;
        const square = (squares[row] as number) + error * value * value;
        squares[row] = square;
        const step = rate / Math.sqrt(square);
        for (let c = 0, cell = row * classes; c < classes; c++, cell++) {
          table[cell] = (table[cell] as number) - step * value * (scores[c] as number);
        }
      }
    }
  }
  return { classes, buckets, table, dense, bias };
}
