import { createFeatureReader, type FeatureReader, type RowLookup } from "./features.ts";
import { createStemReader } from "./stem-vectors.ts";
import { createVocabulary } from "./vocabulary.ts";
import { createWeightRows } from "./weight-rows.ts";
import type { RouterWeights } from "./weights.ts";

/** The linear part of the router: text → one calibrated probability a class. */
export interface Scorer {
  /** False: the text has no known n-gram and no known stem, `out` is untouched. Sums to 1 in `header.classes` order. */
  probabilities(text: string, out: Float64Array): boolean;
  /** Uncalibrated logits, for calibration itself; same answer. */
  logits(text: string, out: Float64Array): boolean;
  /**
   * What each n-gram of the text adds to the logit of one class above the mean of all, strongest first; before them `meaningReason`
   * where the text's meaning as a whole says more than any of them.
   */
  reasons(text: string, classAt: number, limit: number): { feature: string; weight: number }[];
}

/** Stands for the stem vectors among the reasons: no single n-gram of the text, but words that keep company with the sector's. */
export const meaningReason = "anlam yakınlığı";

/** One scorer serves one thread: its buffers are reused from call to call. */
export function createScorer(weights: RouterWeights): Scorer {
  const { header, table, bias, dense } = weights;
  const classes = header.classes.length;
  const reader: FeatureReader = createFeatureReader(header.features);
  const known: RowLookup = createVocabulary(weights.hashes);
  const stems = header.stems === null || weights.stems === undefined ? undefined : createStemReader(weights.stems);
  const loudness = header.stems?.loudness ?? 0;
  const direction = new Float32Array(stems?.dimensions ?? 0);
  const weightRows = createWeightRows(weights);
  const units = new Float64Array(reader.most);

  /** Leaves the text's direction, centred and as loud as in training, in `direction`. */
  function readDirection(codes: Uint16Array, length: number): boolean {
    if (stems?.read(codes, length, direction) !== true) return false;
    for (let d = 0; d < direction.length; d++)
      direction[d] = ((direction[d] as number) - (dense.mean[d] as number)) * loudness;
    return true;
  }

  function logits(text: string, out: Float64Array): boolean {
    const vector = reader.extract(text, known);
    const { count, rows, codes, length } = vector;
    const directed = readDirection(codes, length);
    if (count === 0 && !directed) return false;
    const norm = weightRows.weigh(vector, units);
    weightRows.sum(rows, units, count, out);
    // The text's vector has length 1: long and short messages reach the same logits.
    for (let c = 0; c < classes; c++) out[c] = (out[c] as number) * norm + (bias[c] as number);
    for (let d = 0, cell = 0; directed && d < direction.length; d++) {
      const value = direction[d] as number;
      for (let c = 0; c < classes; c++, cell++) out[c] = (out[c] as number) + (dense.table[cell] as number) * value;
    }
    return true;
  }

  /** What the direction adds to one class above the mean of all. */
  function meaning(classAt: number): number {
    let added = 0;
    for (let d = 0; d < direction.length; d++) {
      let mean = 0;
      for (let c = 0; c < classes; c++) mean += (dense.table[d * classes + c] as number) / classes;
      added += (direction[d] as number) * ((dense.table[d * classes + classAt] as number) - mean);
    }
    return added;
  }

  return {
    logits,
    probabilities(text, out) {
      if (!logits(text, out)) return false;
      for (let c = 0; c < classes; c++) out[c] = (out[c] as number) / header.temperature;
      softmaxInPlace(out);
      return true;
    },
    reasons(text, classAt, limit) {
      const vector = reader.extract(text, known);
      const { count, rows, codes, length } = vector;
      const near = readDirection(codes, length) ? meaning(classAt) : 0;
      const norm = weightRows.weigh(vector, units);
      const addedBy = new Map<number, number>();
      for (let at = 0; at < count; at++) {
        const row = rows[at] as number;
        let mean = 0;
        for (let c = 0; c < classes; c++) mean += (table[row * classes + c] as number) / classes;
        addedBy.set(row, (units[at] as number) * ((table[row * classes + classAt] as number) - mean) * norm);
      }
      const named = reader
        .name(text)
        .map(({ hash, feature }) => ({ feature, weight: addedBy.get(known.rowOf(hash)) ?? 0 }))
        .filter(({ weight }) => weight > 0)
        .sort((a, b) => b.weight - a.weight);
      if (near > (named[0]?.weight ?? 0)) named.unshift({ feature: meaningReason, weight: near });
      return named.slice(0, limit);
    },
  };
}

/** Scores → probabilities; shifted by the largest so that no exponent overflows. */
export function softmaxInPlace(scores: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < scores.length; at++) if ((scores[at] as number) > largest) largest = scores[at] as number;
  let sum = 0;
  for (let at = 0; at < scores.length; at++) {
    const power = Math.exp((scores[at] as number) - largest);
    scores[at] = power;
    sum += power;
  }
  for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] as number) / sum;
}
