import type { FeatureVector } from "./features.ts";
import type { RouterWeights } from "./weights.ts";

/** The weight table, laid out for adding up the rows of one text. */
export interface WeightRows {
  /**
   * Weighs the n-grams of a text by rarity.
   * @param units at least as long as the vector can become; overwritten with what one unit of each row's weights is worth in this text
   * @returns 1 / length of the weighed vector, 1 of an empty one
   */
  weigh(vector: FeatureVector, units: Float64Array): number;
  /**
   * For each class the sum of `units[at]` × the weight in row `rows[at]`.
   * @param count how many of `rows` and `units` count
   * @param out [classes], overwritten
   */
  sum(rows: Int32Array, units: Float64Array, count: number, out: Float64Array): void;
}

/** Classes that are summed together: as many sums as stay in registers while the rows go by. */
const lanes = 8;

/**
 * A copy of the table: eight weights are two numbers instead of eight, and a row holds its rarity and scale. A message waits for the memory of
 * some thousand scattered rows above all.
 */
export function createWeightRows({ table, bias, rarity, scale }: RouterWeights): WeightRows {
  const classes = bias.length;
  const lanesWide = Math.ceil(classes / lanes) * lanes;
  // A row: four weights a word, then rarity and scale.
  const words = lanesWide / 4 + 2;
  const packed = new Int32Array(rarity.length * words);
  const real = new Float32Array(packed.buffer);
  for (let row = 0; row < rarity.length; row++) {
    const from = row * words;
    for (let c = 0; c < classes; c++) {
      const byte = (table[row * classes + c] as number) & 255;
      packed[from + (c >> 2)] = (packed[from + (c >> 2)] as number) | (byte << (8 * (c & 3)));
    }
    real[from + words - 2] = rarity[row] as number;
    real[from + words - 1] = scale[row] as number;
  }
  const sums = new Float64Array(lanesWide);

  return {
    weigh({ count, rows, values }, units) {
      let squares = 0;
      for (let at = 0; at < count; at++) {
        const end = ((rows[at] as number) + 1) * words;
        const value = (values[at] as number) * (real[end - 2] as number);
        squares += value * value;
        units[at] = value * (real[end - 1] as number);
      }
      return 1 / Math.sqrt(squares || 1);
    },
    sum(rows, units, count, out) {
      for (let word = 0; word < words - 2; word += 2) {
        let a = 0;
        let b = 0;
        let c = 0;
        let d = 0;
        let e = 0;
        let f = 0;
        let g = 0;
        let h = 0;
        for (let at = 0; at < count; at++) {
          const unit = units[at] as number;
          const from = (rows[at] as number) * words + word;
          const low = packed[from] as number;
          const high = packed[from + 1] as number;
          a += ((low << 24) >> 24) * unit;
          b += ((low << 16) >> 24) * unit;
          c += ((low << 8) >> 24) * unit;
          d += (low >> 24) * unit;
          e += ((high << 24) >> 24) * unit;
          f += ((high << 16) >> 24) * unit;
          g += ((high << 8) >> 24) * unit;
          h += (high >> 24) * unit;
        }
        sums.set([a, b, c, d, e, f, g, h], word * 4);
      }
      for (let c = 0; c < classes; c++) out[c] = sums[c] as number;
    },
  };
}
