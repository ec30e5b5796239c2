import type { DenseWeights } from "../weights.ts";
import { type Corpus, everyFold } from "./corpus.ts";
import { type LinearWeights, type SparseExamples, trainLinear } from "./train-linear.ts";
import { int32List } from "./typed-lists.ts";

export interface FitSpec {
  readonly seed: number;
  /** Most n-grams kept; the commonest win. Bounds the size of the weights. */
  readonly maxRows: number;
  /** Training texts an n-gram must stand in. */
  readonly minTexts: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** How much of complement naive Bayes is added to the logistic weights; 0: none. */
  readonly bayes: number;
  readonly bayesSmoothing: number;
  /** Length of a text's direction (stem vectors) against its n-grams' 1; 0: without. */
  readonly loudness: number;
}

export interface FittedWeights extends Omit<LinearWeights, "dense"> {
  readonly dense: DenseWeights;
  readonly hashes: Int32Array;
  readonly rarity: Float32Array;
}

/**
 * Weights from the texts of a corpus that `chosen` accepts: n-grams weighted by rarity (tf-idf) beside the text's direction, logistic regression, and
 * complement naive Bayes on top. Both are linear in the n-grams, so the sum is one table; the second knows more of
 * n-grams that stand in few texts (Rennie et al. 2003, https://people.csail.mit.edu/jrennie/papers/icml03-nb.pdf).
 */
export function fitWeights(
  corpus: Corpus,
  classes: number,
  chosen: (fold: number) => boolean,
  spec: FitSpec,
): FittedWeights {
  const picked = corpus.texts.flatMap((text, at) => (text.fold === everyFold || chosen(text.fold) ? [at] : []));
  const { rowOf, hashes, rarity } = chooseRows(corpus, picked, spec);
  const examples = toExamples(corpus, picked, classes, rowOf, rarity);
  const { mean, directions } = centred(corpus, picked, spec.loudness);
  const weights = trainLinear(examples, directions, hashes.length, classes, spec);
  if (spec.bayes > 0) addComplementBayes(weights, examples, spec);
  return { ...weights, hashes, rarity, dense: { mean, table: weights.dense } };
}

/** The directions of the picked texts less their mean, times the loudness; texts without a known stem stay 0. */
function centred(
  corpus: Corpus,
  picked: readonly number[],
  loudness: number,
): { mean: Float32Array; directions: Float32Array } {
  const dimensions = loudness > 0 ? corpus.dimensions : 0;
  const sums = new Float64Array(dimensions);
  let directed = 0;
  for (const text of picked) {
    if (!hasDirection(corpus, text)) continue;
    directed++;
    for (let d = 0; d < dimensions; d++)
      sums[d] = (sums[d] as number) + (corpus.directions[text * dimensions + d] as number);
  }
  const mean = Float32Array.from(sums, (sum) => sum / Math.max(1, directed));
  const directions = new Float32Array(picked.length * dimensions);
  picked.forEach((text, example) => {
    if (!hasDirection(corpus, text)) return;
    for (let d = 0; d < dimensions; d++)
      directions[example * dimensions + d] =
        ((corpus.directions[text * dimensions + d] as number) - (mean[d] as number)) * loudness;
  });
  return { mean, directions };
}

function hasDirection({ directions, dimensions }: Corpus, text: number): boolean {
  for (let at = text * dimensions; at < (text + 1) * dimensions; at++) if (directions[at] !== 0) return true;
  return false;
}

function chooseRows(
  corpus: Corpus,
  picked: readonly number[],
  spec: FitSpec,
): { rowOf: Int32Array; hashes: Int32Array; rarity: Float32Array } {
  const textsWith = new Int32Array(corpus.hashes.length);
  for (const text of picked) {
    for (let at = corpus.offsets[text] as number; at < (corpus.offsets[text + 1] as number); at++) {
      const id = corpus.ids[at] as number;
      textsWith[id] = (textsWith[id] as number) + 1;
    }
  }
  const kept = Array.from(textsWith.keys())
    .filter((id) => (textsWith[id] as number) >= spec.minTexts)
    .sort((a, b) => (textsWith[b] as number) - (textsWith[a] as number) || a - b)
    .slice(0, spec.maxRows);
  const rowOf = new Int32Array(corpus.hashes.length).fill(-1);
  kept.forEach((id, row) => {
    rowOf[id] = row;
  });
  return {
    rowOf,
    hashes: Int32Array.from(kept, (id) => corpus.hashes[id] as number),
    rarity: Float32Array.from(kept, (id) => 1 + Math.log((1 + picked.length) / (1 + (textsWith[id] as number)))),
  };
}

function toExamples(
  corpus: Corpus,
  picked: readonly number[],
  classes: number,
  rowOf: Int32Array,
  rarity: Float32Array,
): SparseExamples {
  const offsets = new Int32Array(picked.length + 1);
  const rows = int32List();
  const values = new Float32Array(corpus.values.length);
  const targets = new Float32Array(picked.length * classes);
  const importance = new Float32Array(picked.length);
  const mass = new Float64Array(classes);
  picked.forEach((textAt, example) => {
    const from = rows.length;
    let squares = 0;
    for (let at = corpus.offsets[textAt] as number; at < (corpus.offsets[textAt + 1] as number); at++) {
      const row = rowOf[corpus.ids[at] as number] as number;
      if (row < 0) continue;
      const value = (corpus.values[at] as number) * (rarity[row] as number);
      values[rows.length] = value;
      rows.push(row);
      squares += value * value;
    }
    for (let at = from; at < rows.length; at++) values[at] = (values[at] as number) / Math.sqrt(squares);
    offsets[example + 1] = rows.length;
    const text = corpus.texts[textAt] as Corpus["texts"][number];
    importance[example] = text.importance;
    for (const [classAt, probability] of text.targets) {
      targets[example * classes + classAt] = probability;
      mass[classAt] = (mass[classAt] as number) + probability * text.importance;
    }
  });
  // Classes with few texts count more, by the square root: half-way between "as many as there are" and "all alike".
  const mean = mass.reduce((sum, one) => sum + one, 0) / classes;
  for (let example = 0; example < picked.length; example++) {
    let balance = 0;
    for (let c = 0; c < classes; c++)
      balance += (targets[example * classes + c] as number) * Math.sqrt(mean / Math.max(1, mass[c] as number));
    importance[example] = (importance[example] as number) * balance;
  }
  return {
    count: picked.length,
    offsets,
    rows: rows.toArray(),
    values,
    targets,
    importance,
  };
}

/** Adds −bayes·log P(n-gram | every other class), centred over the classes, to each row. */
function addComplementBayes(
  weights: Pick<LinearWeights, "classes" | "buckets" | "table">,
  examples: SparseExamples,
  spec: FitSpec,
): void {
  const { classes, buckets, table } = weights;
  const sums = new Float64Array(buckets * classes);
  const ofRow = new Float64Array(buckets);
  const ofClass = new Float64Array(classes);
  let all = 0;
  for (let example = 0; example < examples.count; example++) {
    const weight = examples.importance[example] as number;
    const from = examples.offsets[example] as number;
    const to = examples.offsets[example + 1] as number;
    for (let at = from; at < to; at++) {
      const row = examples.rows[at] as number;
      const value = (examples.values[at] as number) * weight;
      ofRow[row] = (ofRow[row] as number) + value;
      all += value;
    }
    for (let c = 0; c < classes; c++) {
      const target = examples.targets[example * classes + c] as number;
      if (target === 0) continue;
      for (let at = from; at < to; at++) {
        const cell = (examples.rows[at] as number) * classes + c;
        const part = (examples.values[at] as number) * weight * target;
        sums[cell] = (sums[cell] as number) + part;
        ofClass[c] = (ofClass[c] as number) + part;
      }
    }
  }
  const smoothing = spec.bayesSmoothing;
  const logs = new Float64Array(classes);
  for (let row = 0; row < buckets; row++) {
    let mean = 0;
    for (let c = 0; c < classes; c++) {
      const others = (ofRow[row] as number) - (sums[row * classes + c] as number) + smoothing;
      logs[c] = -Math.log(others / (all - (ofClass[c] as number) + smoothing * buckets));
      mean += (logs[c] as number) / classes;
    }
    for (let c = 0; c < classes; c++)
      table[row * classes + c] = (table[row * classes + c] as number) + spec.bayes * ((logs[c] as number) - mean);
  }
}
