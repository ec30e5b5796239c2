import { softmaxInPlace } from "../scorer.ts";
import { addToScores, type TouchedRows, takeSteps, widthFor, withoutPadding } from "./class-lanes.ts";
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

/** Rows of weights, and the sum of each row's squared gradients so far: the larger, the smaller its steps. */
interface Adaptive {
  /** [rows × widthFor(classes)] */
  readonly table: Float32Array;
  /** [rows] */
  readonly squares: Float32Array;
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
  const { count, offsets, rows, values, targets, importance } = examples;
  const dimensions = directions.length / Math.max(1, count);
  const everyDimension = Int32Array.from({ length: dimensions }, (_, dimension) => dimension);
  const width = widthFor(classes);
  const sparse = adaptive(buckets, width);
  const dense = adaptive(dimensions, width);
  const bias = new Float32Array(classes);
  let biasSquares = 1;
  // First the scores of an example, then their gradient.
  const padded = new Float64Array(width);
  const scores = padded.subarray(0, classes);
  const steps = new Float64Array(Math.max(dimensions, longest(offsets)));
  const order = Int32Array.from({ length: count }, (_, at) => at);
  const random = createRandom(spec.seed);
  for (let epoch = 0; epoch < spec.epochs; epoch++) {
    shuffle(order, random);
    const rate = spec.learningRate * (1 - epoch / spec.epochs);
    for (const example of order) {
      const grams = { rows, values, from: offsets[example] as number, to: offsets[example + 1] as number };
      const direction = directions.subarray(example * dimensions, (example + 1) * dimensions);
      const whole = { rows: everyDimension, values: direction, from: 0, to: dimensions };
      scores.set(bias);
      addToScores(padded, sparse.table, grams);
      addToScores(padded, dense.table, whole);
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
      learn(dense, padded, whole, error, rate, steps);
      learn(sparse, padded, grams, error, rate, steps);
    }
  }
  return {
    classes,
    buckets,
    table: withoutPadding(sparse.table, classes),
    dense: withoutPadding(dense.table, classes),
    bias,
  };
}

function adaptive(rows: number, width: number): Adaptive {
  return { table: new Float32Array(rows * width), squares: new Float32Array(rows).fill(1e-4) };
}

/** Most n-grams an example has. */
function longest(offsets: Int32Array): number {
  let most = 0;
  for (let at = 1; at < offsets.length; at++)
    most = Math.max(most, (offsets[at] as number) - (offsets[at - 1] as number));
  return most;
}

/**
 * One step down the gradient for every touched row.
 * @param error the gradient's squared length
 * @param steps at least as long as rows are touched; overwritten
 */
function learn(
  { table, squares }: Adaptive,
  gradient: Float64Array,
  touched: TouchedRows,
  error: number,
  rate: number,
  steps: Float64Array,
): void {
  const { rows, values, from, to } = touched;
  for (let at = from; at < to; at++) {
    const row = rows[at] as number;
    const value = values[at] as number;
    const square = (squares[row] as number) + error * value * value;
    squares[row] = square;
    steps[at - from] = (rate / Math.sqrt(square)) * value;
  }
  takeSteps(table, gradient, touched, steps);
}
