import { type Figure, percent } from "../figure.ts";
import { bars } from "../plots/bars.ts";
import { heatMap } from "../plots/heat-map.ts";
import type { Plot, Section, Table } from "../section.ts";
import { type PerplexityFigures, perplexityFigures, promisedReduction } from "./perplexity-figures.ts";
import { type PerplexityMatrix, runningText } from "./read-matrix.ts";

/** One in this many sectors may be served better by another adapter: 21 of 22. */
const beatenAllowed = 1;

/** Shows what training measured, beside what was promised. */
export function evaluatePerplexity(matrix: PerplexityMatrix, source: string): Section {
  const figures = perplexityFigures(matrix);
  return {
    part: "perplexity",
    title: "Perplexity",
    notes: [
      `From ${source}, which \`python -m sektor_training.evaluate\` writes: held-out dialogues, assistants' tokens only, weights as served.`,
      "Changes are against the base on the same text; below zero is better. Goals for other sectors and running text hold the worst case to 15 %.",
    ],
    figures: figureRows(figures, matrix.sectors.length),
    blocks: [ownTable(figures), matrixPlot(matrix, figures), ownPlot(figures)],
    data: { ...figures, sectors: matrix.sectors },
  };
}

function figureRows(of: PerplexityFigures, sectors: number): Figure[] {
  return [
    {
      id: "own_as_promised",
      label: `adapters at least ${percent(promisedReduction)} below the base on their own sector`,
      value: of.ownAsPromised,
      unit: "of",
      of: sectors,
      goal: { atLeast: sectors },
    },
    { id: "own_mean", label: "own sector, mean change", value: of.meanOwnChange, unit: "share" },
    {
      id: "own_weakest",
      label: "own sector, the weakest adapter",
      value: of.weakestOwnChange,
      unit: "share",
      goal: { atMost: -promisedReduction },
    },
    {
      id: "best_on_own",
      label: "adapters that are the best of all on their own sector",
      value: of.bestOnOwn,
      unit: "of",
      of: sectors,
      goal: { atLeast: sectors - beatenAllowed },
    },
    { id: "off_sector_mean", label: "other sectors, mean change", value: of.meanOffSector, unit: "share" },
    {
      id: "off_sector_worst",
      label: "other sectors, the worst change",
      value: of.worstOffSector,
      unit: "share",
      goal: { atMost: 0.15 },
    },
    { id: "running_text_mean", label: "running text, mean change", value: of.meanRunningText, unit: "share" },
    {
      id: "running_text_worst",
      label: "running text, the worst change",
      value: of.worstRunningText,
      unit: "share",
      goal: { atMost: 0.15 },
    },
  ];
}

function ownTable({ own }: PerplexityFigures): Table {
  return {
    type: "table",
    title: "Own sector",
    columns: ["sector", "base", "own adapter", "change", `≤ ${percent(-promisedReduction)}`],
    rows: own.map((one) => [
      one.sector,
      one.base.toFixed(1),
      one.adapter.toFixed(1),
      percent(one.change),
      one.change <= -promisedReduction ? "✓" : "✗",
    ]),
  };
}

function matrixPlot({ sectors }: PerplexityMatrix, { change }: PerplexityFigures): Plot {
  const svg = heatMap({
    title: "Perplexity against the base, %",
    rows: sectors,
    columns: [...sectors, runningText],
    values: change.map((row) => row.map((one) => Math.round(1000 * one) / 10)),
    limit: 40,
    colours: "diverging",
    label: (value) => value.toFixed(0),
    rowTitle: "adapter",
    columnTitle: "text",
  });
  return { type: "plot", name: "perplexity-matrix", title: "Every adapter on every sector", svg };
}

function ownPlot({ own }: PerplexityFigures): Plot {
  const svg = bars({
    title: "How far each adapter lowers its own sector's perplexity",
    labels: own.map((one) => one.sector),
    series: [{ name: "below the base", values: own.map((one) => -one.change) }],
    limit: Math.max(promisedReduction, ...own.map((one) => -one.change)),
    format: percent,
    goal: promisedReduction,
  });
  return { type: "plot", name: "perplexity-own", title: "Own sector", svg };
}
