import { describe, expect, it } from "vitest";
import { type Figure, formatFigure, formatGoal, isMet, mark } from "../../../scripts/eval/figure.ts";
import { bars } from "../../../scripts/eval/plots/bars.ts";
import { heatMap } from "../../../scripts/eval/plots/heat-map.ts";
import { linePlot } from "../../../scripts/eval/plots/line-plot.ts";
import { htmlReport } from "../../../scripts/eval/report/html.ts";
import { markdownReport } from "../../../scripts/eval/report/markdown.ts";
import type { Report } from "../../../scripts/eval/report/report.ts";
import { goalsOf, summaryLine } from "../../../scripts/eval/report/summary.ts";
import { longTexts, measureRouterSpeed } from "../../../scripts/eval/speed/router-speed.ts";
import { mean, share, wilson } from "../../../scripts/eval/statistics.ts";
import type { Router } from "../../../services/routing/index.ts";

const figure = (given: Partial<Figure>): Figure => ({ id: "x", label: "x", value: 0.5, unit: "share", ...given });

describe("a figure", () => {
  it("meets a goal at its very edge, except where it must lie below", () => {
    expect(isMet(figure({ goal: { atLeast: 0.5 } }))).toBe(true);
    expect(isMet(figure({ goal: { atLeast: 0.51 } }))).toBe(false);
    expect(isMet(figure({ goal: { atMost: 0.5 } }))).toBe(true);
    expect(isMet(figure({ goal: { below: 0.5 } }))).toBe(false);
  });

  it("is neither met nor missed without goal or without value", () => {
    expect(mark(figure({}))).toBe("");
    expect(mark(figure({ value: null, goal: { atLeast: 0.5 } }))).toBe("");
    expect(formatFigure(figure({ value: null }))).toBe("–");
  });

  it("stands with its interval and its goal in its own unit", () => {
    expect(formatFigure(figure({ value: 0.907, interval: [0.88, 0.929] }))).toBe("90.7 % (88.0–92.9)");
    expect(formatGoal(figure({ unit: "of", value: 9, of: 22, goal: { atLeast: 21 } }))).toBe("≥ 21 of 22");
    expect(formatGoal(figure({ goal: { below: 0.02 } }))).toBe("< 2.0 %");
  });
});

describe("statistics", () => {
  it("give nothing of nothing", () => {
    expect(share([], () => true)).toBeNull();
    expect(mean([])).toBeNull();
    expect(mean([1, 2, 6])).toBe(3);
  });

  it("know Wilson's interval", () => {
    const [low, high] = wilson(0.9, 100);
    expect(low).toBeCloseTo(0.8256, 3);
    expect(high).toBeCloseTo(0.9448, 3);
    expect(wilson(1, 10)[1]).toBe(1);
  });
});

describe("the pace of a router", () => {
  it("is measured on texts of 500 tokens, also where the messages are few", () => {
    const texts = longTexts(["bir iki", "üç"]);
    expect(texts).toHaveLength(10);
    expect(texts.every((text) => text.split(" ").length === 313)).toBe(true);
  });

  it("counts every round and no other", () => {
    let asked = 0;
    const router = { sectors: [], classify: () => ++asked } as unknown as Router;
    const speed = measureRouterSpeed(router, ["abcd", "ab"], { short: 10, long: 5 });
    // A fifth of the rounds warms up.
    expect(asked).toBe(10 + 2 + 5 + 1);
    expect(speed.short.letters).toBe(3);
    expect(speed.short.p95Ms).toBeGreaterThanOrEqual(speed.short.p50Ms);
  });
});

describe("the report", () => {
  const svg = heatMap({
    title: "Isı",
    rows: ["a<b"],
    columns: ["c"],
    values: [[1]],
    limit: 1,
    colours: "sequential",
    label: String,
    rowTitle: "r",
    columnTitle: "c",
  });
  const report: Report = {
    machine: ["Machine: one"],
    limit: 5,
    sections: [
      {
        part: "router",
        title: "Router",
        notes: ["From `a|b`."],
        figures: [
          figure({ id: "top1", label: "top-1", value: 0.95, goal: { atLeast: 0.93 } }),
          figure({ id: "ece", label: "ECE", value: 0.05, unit: "score", goal: { atMost: 0.04 } }),
        ],
        blocks: [
          { type: "table", title: "T", columns: ["k", "n"], rows: [["a|b", 1]] },
          { type: "plot", name: "p", title: "P", svg },
        ],
        data: {},
      },
    ],
    failed: [{ part: "answers", fault: "the server <ended>" }],
  };

  it("counts goals met and names those missed", () => {
    expect(goalsOf(report)).toEqual({ met: 1, missed: ["router.ece"] });
  });

  it("ends in one line of JSON", () => {
    const line = summaryLine(report, "out");
    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      ok: false,
      goals: { met: 1, missed: ["router.ece"] },
      router: { top1: 0.95, ece: 0.05 },
      faults: [{ part: "answers", fault: "the server <ended>" }],
      limit: 5,
      report: "out",
    });
  });

  it("stands in Markdown with marks, tables whose bars are escaped, and links to its pictures", () => {
    const page = markdownReport(report);
    expect(page).toContain("| top-1 | 95.0 % | ≥ 93.0 % | ✓ |");
    expect(page).toContain("| ECE | 0.050 | ≤ 0.040 | ✗ |");
    expect(page).toContain("| a\\|b | 1 |");
    expect(page).toContain("![P](plots/p.svg)");
    expect(page).toContain("## answers: not evaluated");
  });

  it("stands in HTML in one file that fetches nothing", () => {
    const page = htmlReport(report);
    expect(page).toContain("<svg");
    expect(page).toContain("a&lt;b");
    expect(page).toContain("the server &lt;ended&gt;");
    expect(page).toContain("<code>a|b</code>");
    expect(page).not.toMatch(/<script|<link|<img|src=|url\(/);
  });
});

describe("the pictures", () => {
  it("draw a heat map cell for every value, with its label", () => {
    const map = heatMap({
      title: "M",
      rows: ["r1", "r2"],
      columns: ["c1", "c2"],
      values: [
        [0.3, -0.3],
        [0, 9],
      ],
      limit: 0.3,
      colours: "diverging",
      label: (value) => `v${value}`,
      rowTitle: "r",
      columnTitle: "c",
    });
    expect(map.match(/<title>/g)).toHaveLength(4);
    expect(map).toContain(">v-0.3<");
    // Red at the limit and beyond it, green below zero.
    expect(map.match(/rgb\(176,48,32\)/g)).toHaveLength(2);
    expect(map).toContain("rgb(24,112,66)");
  });

  it("draw lines from the lower left to the upper right of their axes", () => {
    const axis = { label: "x", from: 0, to: 2, format: String };
    const plot = linePlot({
      title: "L",
      x: axis,
      y: axis,
      series: [
        {
          name: "s",
          points: [
            [0, 0],
            [2, 2],
            [3, 3],
          ],
        },
      ],
    });
    // What lies beyond the axes is drawn at their edge.
    expect(plot).toContain('points="66,326 536,44 536,44"');
  });

  it("draw bars as long as their values, none for what was not measured", () => {
    const plot = bars({
      title: "B",
      labels: ["a", "b", "c"],
      series: [{ name: "s", values: [0.5, null, 2] }],
      limit: 1,
      format: String,
      goal: 0.7,
    });
    const lengths = [...plot.matchAll(/<rect x="190" y="\d+" width="([\d.]+)" height="13"/g)].map((one) => one[1]);
    expect(lengths).toEqual(["200", "400"]);
    expect(plot).toContain("stroke-dasharray");
  });
});
