import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { perplexityFigures } from "../../../scripts/eval/perplexity/perplexity-figures.ts";
import { readMatrix } from "../../../scripts/eval/perplexity/read-matrix.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sektor-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const perplexity = {
  base: { legal: 100, energy: 200, "running text": 50 },
  legal: { legal: 70, energy: 220, "running text": 55 },
  energy: { legal: 60, energy: 160, "running text": 60 },
};

function written(content: unknown): string {
  const file = join(folder, "matrix.json");
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe("the perplexity matrix", () => {
  it("gives every change against the base, the own sector's, and the worst elsewhere", () => {
    const figures = perplexityFigures(readMatrix(written({ schema: 1, perplexity })));
    const close = (value: number): unknown => expect.closeTo(value, 10);
    expect(figures.change).toEqual([
      [close(-0.3), close(0.1), close(0.1)],
      [close(-0.4), close(-0.2), close(0.2)],
    ]);
    expect(figures).toMatchObject({
      meanOwnChange: close(-0.25),
      weakestOwnChange: close(-0.2),
      ownAsPromised: 1,
      // On legal the energy adapter is better.
      bestOnOwn: 1,
      meanOffSector: close(-0.15),
      worstOffSector: close(0.1),
      meanRunningText: close(0.15),
      worstRunningText: close(0.2),
    });
  });

  it("is refused with the name of the cell that is missing", () => {
    const broken = { ...perplexity, energy: { legal: 60, energy: 160 } };
    expect(() => readMatrix(written({ schema: 1, perplexity: broken }))).toThrow(
      /matrix\.json.*"energy" on "running text"/,
    );
  });

  it("is refused in another schema, and when there is no file", () => {
    expect(() => readMatrix(written({ schema: 2, perplexity }))).toThrow(/"schema" must be 1/);
    expect(() => readMatrix(join(folder, "none.json"))).toThrow(/none\.json: cannot be read/);
  });
});
