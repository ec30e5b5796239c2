import { describe, expect, it } from "vitest";
import { expectedCalibrationError, reliability } from "../../../scripts/eval/router/calibration.ts";
import { confusionOf, sectorFigures } from "../../../scripts/eval/router/confusion.ts";
import { coverageCurve, errorAt } from "../../../scripts/eval/router/coverage.ts";
import { type Answered, messageFigures } from "../../../scripts/eval/router/message-figures.ts";
import { areaUnder, rocCurve } from "../../../scripts/eval/router/roc.ts";

describe("the confusion matrix", () => {
  const confusion = confusionOf(
    [
      { right: "legal", taken: "legal" },
      { right: "legal", taken: "energy" },
      { right: "legal", taken: null },
      { right: "energy", taken: "energy" },
      { right: "out_of_scope", taken: "energy" },
      { right: "out_of_scope", taken: null },
    ],
    ["legal", "energy", "media"],
  );

  it("counts right against taken, with a row for out of scope and a column for rejected", () => {
    expect(confusion.rows).toEqual(["legal", "energy", "media", "out_of_scope"]);
    expect(confusion.columns).toEqual(["legal", "energy", "media", "rejected"]);
    expect(confusion.counts).toEqual([
      [1, 1, 0, 1],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
      [0, 1, 0, 1],
    ]);
  });

  it("gives each sector its precision, out-of-scope messages included, and its recall", () => {
    expect(sectorFigures(confusion)).toEqual([
      { sector: "legal", messages: 3, precision: 1, recall: 1 / 3 },
      { sector: "energy", messages: 1, precision: 1 / 3, recall: 1 },
      { sector: "media", messages: 0, precision: null, recall: null },
    ]);
  });
});

describe("calibration", () => {
  const trusted = [
    { confidence: 0.95, right: true },
    { confidence: 0.85, right: true },
    { confidence: 0.85, right: false },
    { confidence: 0.2, right: false },
    { confidence: 1, right: true },
  ];

  it("sorts confidences into bins, 1 into the last", () => {
    const bins = reliability(trusted);
    expect(bins).toHaveLength(10);
    expect(bins[9]).toMatchObject({ count: 2, right: 1 });
    expect(bins[9]?.confidence).toBeCloseTo(0.975);
    expect(bins[8]).toMatchObject({ count: 2, confidence: 0.85, right: 0.5 });
    expect(bins[2]).toMatchObject({ count: 1, confidence: 0.2, right: 0 });
    expect(bins[0]).toMatchObject({ from: 0, to: 0.1, count: 0, confidence: null, right: null });
  });

  it("weighs the bins' gaps by how many lie in them", () => {
    // 2 × 0.025 + 2 × 0.35 + 1 × 0.2, over five.
    expect(expectedCalibrationError(reliability(trusted))).toBeCloseTo(0.95 / 5);
    expect(expectedCalibrationError(reliability([]))).toBe(0);
  });
});

describe("the coverage curve", () => {
  const curve = coverageCurve([
    { confidence: 0.5, right: false },
    { confidence: 0.9, right: true },
    { confidence: 0.7, right: true },
    { confidence: 0.7, right: false },
  ]);

  it("takes the surest first and equal confidences together", () => {
    expect(curve).toEqual([
      { coverage: 0.25, error: 0, confidence: 0.9 },
      { coverage: 0.75, error: 1 / 3, confidence: 0.7 },
      { coverage: 1, error: 0.5, confidence: 0.5 },
    ]);
  });

  it("tells the error once so much is answered", () => {
    expect(errorAt(curve, 0.2)).toBe(0);
    expect(errorAt(curve, 0.5)).toBe(1 / 3);
    expect(errorAt([], 0.5)).toBeNull();
  });
});

describe("the ROC curve", () => {
  const scored = (positives: number[], negatives: number[]) => [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ];

  it("has area 1 where the scores part the two, 0 where they part them the wrong way round", () => {
    expect(areaUnder(rocCurve(scored([0.9, 0.8], [0.2, 0.1])))).toBe(1);
    expect(areaUnder(rocCurve(scored([0.1], [0.9, 0.8])))).toBe(0);
  });

  it("has area one half where every score is the same", () => {
    expect(rocCurve(scored([0.5, 0.5], [0.5]))).toEqual([
      { falsePositive: 0, truePositive: 0 },
      { falsePositive: 1, truePositive: 1 },
    ]);
    expect(areaUnder(rocCurve(scored([0.5, 0.5], [0.5])))).toBe(0.5);
  });

  it("has the area that counting pairs gives", () => {
    // Of six pairs the positive is higher in four and equal in one: 4.5 / 6.
    expect(areaUnder(rocCurve(scored([0.9, 0.4], [0.5, 0.4, 0.1])))).toBeCloseTo(4.5 / 6);
  });

  it("is no curve where one of the two kinds is missing", () => {
    expect(rocCurve(scored([0.9], []))).toEqual([]);
    expect(areaUnder([])).toBeNull();
  });
});

describe("the figures of single messages", () => {
  const answered = (sector: string, ranking: string[], confidence: number, taken: string | null): Answered => ({
    message: { text: "…", sector, kind: "easy" },
    decision: { sector: taken, ranking, confidence, foreign: taken === null ? 0.9 : 0.1 },
  });
  const figures = messageFigures(
    [
      answered("legal", ["legal", "energy", "media", "health"], 0.9, "legal"),
      answered("legal", ["energy", "media", "legal", "health"], 0.8, "energy"),
      answered("energy", ["energy", "legal", "media", "health"], 0.2, null),
      answered("energy", ["legal", "media", "health", "energy"], 0.6, "legal"),
      answered("out_of_scope", ["media", "legal", "energy", "health"], 0.1, null),
    ],
    ["legal", "energy", "media", "health"],
  );

  it("look at the ranking for top-1 and top-3, and at the live decision for what was served and rejected", () => {
    expect(figures).toMatchObject({ inScope: 4, outOfScope: 1, top1: 0.5, top3: 0.75 });
    expect(figures).toMatchObject({ served: 0.25, inScopeRejected: 0.25, outOfScopeRejected: 1 });
  });

  it("give the mean of the sectors' F1", () => {
    // legal: one hit, two wanted, two taken; energy the same.
    expect(figures.macroF1).toBeCloseTo(0.5);
  });

  it("find the out-of-scope message by either score as far as it stands above the others", () => {
    // Level with the rejected energy message by the one, above all by the other.
    expect(figures.auc).toEqual({ foreign: 0.875, unsure: 1 });
  });

  it("agree with the router's own calibration error", () => {
    expect(expectedCalibrationError(figures.reliability)).toBeCloseTo(figures.ece);
    // Bins of one each: |0.9 − 1|, 0.8, |0.2 − 1|, 0.6, over four.
    expect(figures.inScopeEce).toBeCloseTo((0.1 + 0.8 + 0.8 + 0.6) / 4);
  });
});
