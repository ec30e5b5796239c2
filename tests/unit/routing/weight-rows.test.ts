import { describe, expect, it } from "vitest";
import type { FeatureVector } from "../../../services/routing/features.ts";
import { createWeightRows } from "../../../services/routing/weight-rows.ts";
import type { RouterWeights } from "../../../services/routing/weights.ts";

const rowCount = 300;
/** Every byte stands somewhere in the first rows, whatever the number of classes. */
function weightsOf(classes: number): RouterWeights {
  return {
    table: Int8Array.from({ length: rowCount * classes }, (_, at) => (at % 256) - 128),
    rarity: Float32Array.from({ length: rowCount }, (_, row) => 1 + row / 16),
    scale: Float32Array.from({ length: rowCount }, (_, row) => 2 ** -(row % 7)),
    bias: new Float32Array(classes),
  } as unknown as RouterWeights;
}
const rows = Int32Array.of(299, 0, 7, 150);
const vector = { count: 3, rows, values: Float32Array.of(0.5, 2, 1, 9) } as unknown as FeatureVector;

describe("the rows of the weight table", () => {
  it.each([3, 5, 8, 24, 25])("add up to what their cells add up to, with %d classes", (classes) => {
    const weights = weightsOf(classes);
    const units = Float64Array.of(0.5, -1.25, 3, 0.001);
    const out = new Float64Array(classes).fill(99);
    createWeightRows(weights).sum(rows, units, rows.length, out);
    const expected = Array.from(out, (_, c) =>
      rows.reduce((sum, row, at) => sum + (weights.table[row * classes + c] as number) * (units[at] as number), 0),
    );
    expect([...out]).toEqual(expected);
  });

  it("add up to nothing beyond the count", () => {
    const out = new Float64Array(3).fill(99);
    const table = createWeightRows(weightsOf(3));
    table.sum(rows, Float64Array.of(1, 1, 1, 1), 0, out);
    expect([...out]).toEqual([0, 0, 0]);
    table.sum(Int32Array.of(0, 1), Float64Array.of(1, 1), 1, out);
    expect([...out]).toEqual([-128, -127, -126]);
  });

  it("weigh a text's n-grams by their rarity, and tell how long that makes it", () => {
    const weights = weightsOf(5);
    const units = new Float64Array(4);
    const norm = createWeightRows(weights).weigh(vector, units);
    const weighed = [0, 1, 2].map(
      (at) => (vector.values[at] as number) * (weights.rarity[rows[at] as number] as number),
    );
    expect(1 / norm).toBeCloseTo(Math.hypot(...weighed), 9);
    expect([...units.subarray(0, 3)]).toEqual(
      weighed.map((value, at) => value * (weights.scale[rows[at] as number] as number)),
    );
    expect(units[3]).toBe(0);
  });

  it("give a text without n-grams the length 1", () => {
    expect(createWeightRows(weightsOf(5)).weigh({ ...vector, count: 0 }, new Float64Array(1))).toBe(1);
  });
});
