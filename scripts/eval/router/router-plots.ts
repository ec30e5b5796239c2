import { percent } from "../figure.ts";
import { heatMap } from "../plots/heat-map.ts";
import { type Axis, linePlot } from "../plots/line-plot.ts";
import type { Plot } from "../section.ts";
import type { MessageFigures } from "./message-figures.ts";

const whole = (share: number): string => `${Math.round(100 * share)} %`;
const shareAxis = (label: string, to = 1): Axis => ({ label, from: 0, to, format: whole });

export function routerPlots(figures: MessageFigures): Plot[] {
  return [
    confusionPlot(figures),
    coveragePlot(figures),
    reliabilityPlot(figures),
    ...(figures.auc.foreign === null ? [] : [rocPlot(figures)]),
  ];
}

function confusionPlot({ confusion }: MessageFigures): Plot {
  const totals = confusion.counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const svg = heatMap({
    title: "Where messages went",
    rows: confusion.rows,
    columns: confusion.columns,
    values: confusion.counts.map((row, at) => row.map((count) => count / Math.max(1, totals[at] ?? 0))),
    limit: 1,
    colours: "sequential",
    label: (_, row, column) => {
      const count = confusion.counts[row]?.[column] ?? 0;
      return count === 0 ? "" : String(count);
    },
    rowTitle: "right",
    columnTitle: "live decision",
  });
  return {
    type: "plot",
    name: "router-confusion",
    title: "Confusion",
    svg,
    note: "Numbers are messages, colours their part of the row; live decisions, rejection included.",
  };
}

function coveragePlot({ coverage, inScopeRejected, precision }: MessageFigures): Plot {
  const highest = Math.max(0.1, ...coverage.map((point) => point.error));
  const to = Math.min(1, Math.ceil(highest * 10) / 10);
  const svg = linePlot({
    title: "Error among the surest",
    x: shareAxis("in-scope messages answered, the surest first"),
    y: shareAxis("wrong among them", to),
    series: [{ name: "error", points: coverage.map((point) => [point.coverage, point.error] as const) }],
    places: [{ x: 1 - inScopeRejected, y: 1 - precision, name: `live: ${percent(1 - inScopeRejected)} answered` }],
  });
  return { type: "plot", name: "router-coverage", title: "Coverage and error", svg };
}

function reliabilityPlot({ reliability, ece }: MessageFigures): Plot {
  const filled = reliability.flatMap(({ confidence, right }) =>
    confidence === null || right === null ? [] : [[confidence, right] as const],
  );
  const svg = linePlot({
    title: `Reliability (ECE ${ece.toFixed(3)})`,
    x: shareAxis("confidence of the best sector"),
    y: shareAxis("right"),
    series: [
      { name: "measured", points: filled, dots: true },
      {
        name: "perfect",
        points: [
          [0, 0],
          [1, 1],
        ],
        dashed: true,
      },
    ],
  });
  return { type: "plot", name: "router-reliability", title: "Reliability", svg };
}

function rocPlot({ roc, auc, inScopeRejected, outOfScopeRejected }: MessageFigures): Plot {
  const points = (curve: MessageFigures["roc"]["foreign"]) =>
    curve.map(({ falsePositive, truePositive }) => [falsePositive, truePositive] as const);
  const svg = linePlot({
    title: "Finding out-of-scope messages",
    x: shareAxis("in scope, rejected"),
    y: shareAxis("out of scope, rejected"),
    series: [
      { name: `no sector is meant (AUC ${auc.foreign?.toFixed(3)})`, points: points(roc.foreign) },
      { name: `not confident (AUC ${auc.unsure?.toFixed(3)})`, points: points(roc.unsure), dashed: true },
    ],
    places: [{ x: inScopeRejected, y: outOfScopeRejected, name: "live thresholds" }],
  });
  return { type: "plot", name: "router-roc", title: "Out of scope: ROC", svg };
}
