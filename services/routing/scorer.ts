import { createFeatureReader, type FeatureReader, type RowLookup } from "./features.ts";
import { createVocabulary } from "./vocabulary.ts";
import type { RouterWeights } from "./weights.ts";

/** The linear part of the router: text → one calibrated probability a class. */
export interface Scorer {
  /** False: the text has no known n-gram, `out` is untouched. Sums to 1 in `header.classes` order. */
  probabilities(text: string, out: Float64Array): boolean;
  /** Uncalibrated logits, for calibration itself; same answer. */
  logits(text: string, out: Float64Array): boolean;
  /** What each n-gram of the text adds to the logit of one class above the mean of all, strongest first. */
  reasons(text: string, classAt: number, limit: number): { feature: string; weight: number }[];
}

/** One scorer serves one thread: its buffers are reused from call to call. */
export function createScorer(weights: RouterWeights): Scorer {
  const { header, rarity, scale, table, bias } = weights;
  const classes = header.classes.length;
  const reader: FeatureReader = createFeatureReader(header.features);
  const known: RowLookup = createVocabulary(weights.hashes);

  // Side by side, because a row is touched once a text: its rarity, and what one unit of its weights is worth.
  const perRow = new Float32Array(weights.hashes.length * 2);
  for (let row = 0; row < weights.hashes.length; row++) {
    perRow[row * 2] = rarity[row] as number;
    perRow[row * 2 + 1] = scale[row] as number;
  }

  function logits(text: string, out: Float64Array): boolean {
    const { count, rows, values } = reader.extract(text, known);
    if (count === 0) return false;
    for (let c = 0; c < classes; c++) out[c] = 0;
    let squares = 0;
    for (let at = 0; at < count; at++) {
      const row = rows[at] as number;
      const value = (values[at] as number) * (perRow[row * 2] as number);
      squares += value * value;
      const unit = value * (perRow[row * 2 + 1] as number);
      for (let c = 0, cell = row * classes; c < classes; c++, cell++)
        out[c] = (out[c] as number) + (table[cell] as number) * unit;
    }
    // The text's vector has length 1: long and short messages reach the same logits.
    const norm = 1 / Math.sqrt(squares);
    for (let c = 0; c < classes; c++) out[c] = (out[c] as number) * norm + (bias[c] as number);
    return true;
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
      const { count, rows, values } = reader.extract(text, known);
      const addedBy = new Map<number, number>();
      let squares = 0;
      for (let at = 0; at < count; at++) {
        const row = rows[at] as number;
        const value = (values[at] as number) * (rarity[row] as number);
        squares += value * value;
        let mean = 0;
        for (let c = 0; c < classes; c++) mean += (table[row * classes + c] as number) / classes;
        addedBy.set(row, value * (scale[row] as number) * ((table[row * classes + classAt] as number) - mean));
      }
      return reader
        .name(text)
        .map(({ hash, feature }) => ({
          feature,
          weight: (addedBy.get(known.rowOf(hash)) ?? 0) / Math.sqrt(squares || 1),
        }))
        .filter(({ weight }) => weight > 0)
        .sort((a, b) => b.weight - a.weight)
        .slice(0, limit);
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
