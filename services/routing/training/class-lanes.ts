/**
 * Classes that are computed side by side: their numbers stay in registers while the rows of a text go by, which takes a third less time
 * than class by class within each row. Tables of the training are as wide as whole lanes.
 */
const lanes = 4;

/** Columns of a table for so many classes; those beyond the classes stay 0. */
export function widthFor(classes: number): number {
  return Math.ceil(classes / lanes) * lanes;
}

/** Rows of a table that one text touches: `rows[at]` with the number `values[at]`, for `at` in [from, to). */
export interface TouchedRows {
  readonly rows: Int32Array;
  readonly values: Float32Array;
  readonly from: number;
  readonly to: number;
}

/**
 * Adds `values[at]` × each touched row to the scores.
 * @param table [rows × scores.length] row-major, `widthFor` columns
 */
export function addToScores(scores: Float64Array, table: Float32Array, { rows, values, from, to }: TouchedRows): void {
  const width = scores.length;
  for (let column = 0; column < width; column += lanes) {
    let a = scores[column] as number;
    let b = scores[column + 1] as number;
    let c = scores[column + 2] as number;
    let d = scores[column + 3] as number;
    for (let at = from; at < to; at++) {
      const cell = (rows[at] as number) * width + column;
      const value = values[at] as number;
      a += (table[cell] as number) * value;
      b += (table[cell + 1] as number) * value;
      c += (table[cell + 2] as number) * value;
      d += (table[cell + 3] as number) * value;
    }
    scores[column] = a;
    scores[column + 1] = b;
    scores[column + 2] = c;
    scores[column + 3] = d;
  }
}

/**
 * Takes `steps[at − from]` × the gradient off each touched row.
 * @param gradient [table columns]
 */
export function takeSteps(
  table: Float32Array,
  gradient: Float64Array,
  { rows, from, to }: TouchedRows,
  steps: Float64Array,
): void {
  const width = gradient.length;
  for (let column = 0; column < width; column += lanes) {
    const a = gradient[column] as number;
    const b = gradient[column + 1] as number;
    const c = gradient[column + 2] as number;
    const d = gradient[column + 3] as number;
    for (let at = from; at < to; at++) {
      const cell = (rows[at] as number) * width + column;
      const step = steps[at - from] as number;
      table[cell] = (table[cell] as number) - step * a;
      table[cell + 1] = (table[cell + 1] as number) - step * b;
      table[cell + 2] = (table[cell + 2] as number) - step * c;
      table[cell + 3] = (table[cell + 3] as number) - step * d;
    }
  }
}

/** A table without the columns beyond the classes. */
export function withoutPadding(table: Float32Array, classes: number): Float32Array {
  const width = widthFor(classes);
  const rows = table.length / width;
  const packed = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) packed.set(table.subarray(row * width, row * width + classes), row * classes);
  return packed;
}
