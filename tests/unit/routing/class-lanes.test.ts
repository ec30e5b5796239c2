import { describe, expect, it } from "vitest";
import { addToScores, takeSteps, widthFor, withoutPadding } from "../../../services/routing/training/class-lanes.ts";

const rows = Int32Array.of(3, 9, 0, 4, 9);
const values = Float32Array.of(0.5, 0.25, -2, 1.5, 3);
/** The text owns the middle of the list. */
const touched = { rows, values, from: 1, to: 4 };
const quarters = (length: number): number[] => Array.from({ length }, (_, at) => ((at * 7) % 23) / 4 - 2);

describe.each([1, 4, 5, 25])("%d classes side by side", (classes) => {
  const width = widthFor(classes);
  const table = Float32Array.from(quarters(10 * width));
  const numbers = Float64Array.from(quarters(width));

  it("score a text as they would one after another", () => {
    const scores = numbers.slice();
    addToScores(scores, table, touched);
    for (let column = 0; column < width; column++) {
      const added = [1, 2, 3].map(
        (at) => (table[(rows[at] as number) * width + column] as number) * (values[at] as number),
      );
      expect(scores[column]).toBe(added.reduce((sum, one) => sum + one, numbers[column] as number));
    }
  });

  it("take the step of each row of the text, and leave the other rows alone", () => {
    const moved = table.slice();
    takeSteps(moved, numbers, touched, Float64Array.of(2, 0.5, -1));
    const stepOf = new Map([
      [9, 2],
      [0, 0.5],
      [4, -1],
    ]);
    moved.forEach((cell, at) => {
      const step = stepOf.get(Math.floor(at / width)) ?? 0;
      expect(cell).toBe((table[at] as number) - step * (numbers[at % width] as number));
    });
  });

  it("are as many columns as there are classes in the end", () => {
    const plain = withoutPadding(table, classes);
    expect(plain).toHaveLength(10 * classes);
    plain.forEach((cell, at) => {
      expect(cell).toBe(table[Math.floor(at / classes) * width + (at % classes)]);
    });
  });
});
