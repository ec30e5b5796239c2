import { createLinearRouter, type StemVectors } from "../../services/routing/index.ts";
import {
  buildCorpus,
  type Corpus,
  type FoldVerdicts,
  headerOf,
  judgeFold,
  measure,
  probabilitiesOf,
  type Recipe,
  type RoutingData,
  routeAll,
  tune,
} from "../../services/routing/training/index.ts";

/** One way to train the router. */
export interface Variant {
  readonly name: string;
  readonly recipe: Recipe;
  /** Of the stem vectors at hand; 0: without. */
  readonly dimensions: number;
}

export interface VariantFigures {
  readonly name: string;
  readonly top1: number;
  readonly top3: number;
  /** Mean −ln P of the right class at the best temperature; steadier than top-1. */
  readonly surprise: number;
  readonly ece: number;
  /** In-scope messages rejected when the threshold rejects nine in ten out-of-scope ones, and the part of them lost although right. */
  readonly rejectedAt90: number;
  readonly lostAt90: number;
  readonly stays: number;
  readonly switches: number;
  readonly secondsPerFit: number;
}

/** Cross-validates each variant on the same first folds and hands the figures over as they come. */
export function compareVariants(
  variants: readonly Variant[],
  data: RoutingData,
  sectors: readonly string[],
  stems: StemVectors | undefined,
  folds: number,
  onFigures: (figures: VariantFigures) => void,
): void {
  let held: { readonly key: string; readonly corpus: Corpus } | undefined;
  for (const { name, recipe, dimensions } of variants) {
    const cut = stems === undefined || dimensions === 0 ? undefined : firstDimensions(stems, dimensions);
    const header = headerOf(data, sectors, recipe, cut);
    const key = JSON.stringify([recipe.features, recipe.corpus, cut?.dimensions ?? 0]);
    if (held?.key !== key) {
      // One corpus at a time: each takes some hundred megabytes.
      held = undefined;
      held = { key, corpus: buildCorpus(data, header.classes, recipe.features, recipe.corpus, cut) };
    }
    const verdicts: FoldVerdicts[] = [];
    const from = performance.now();
    for (let fold = 0; fold < Math.min(folds, recipe.corpus.folds); fold++)
      verdicts.push(judgeFold(held.corpus, fold, recipe, header, cut));
    const secondsPerFit = (performance.now() - from) / 1000 / verdicts.length;
    onFigures({ name, ...figuresOf(verdicts, header.classes, recipe), secondsPerFit });
  }
}

function figuresOf(
  verdicts: readonly FoldVerdicts[],
  classes: readonly string[],
  recipe: Recipe,
): Omit<VariantFigures, "name" | "secondsPerFit"> {
  const { tuned, conversation } = tune(verdicts, classes, recipe);
  const messages = verdicts.flatMap((one) => one.messages);
  const foreign = classes.length - 2;
  const points = messages.map(({ sector, logits }) => {
    const probabilities = probabilitiesOf(logits, tuned.temperature);
    const sectors = probabilities.subarray(0, foreign);
    return {
      foreign: sector === classes[foreign],
      surprise: -Math.log(Math.max(1e-12, probabilities[classes.indexOf(sector)] as number)),
      rejecting: (probabilities[foreign] as number) + (probabilities[foreign + 1] as number),
      right: classes[sectors.indexOf(Math.max(...sectors))] === sector,
    };
  });
  const strange = points.filter((point) => point.foreign).map((point) => point.rejecting);
  const threshold = strange.sort((a, b) => b - a)[Math.ceil(0.9 * strange.length) - 1] ?? 1;
  const own = points.filter((point) => !point.foreign);
  const rejected = own.filter((point) => point.rejecting >= threshold);
  const routed = measure(
    verdicts.flatMap(({ weights, messages: of }) =>
      routeAll(createLinearRouter({ ...weights, header: { ...weights.header, ...tuned } }), of),
    ),
  );
  return {
    top1: routed.top1,
    top3: routed.top3,
    ece: routed.ece,
    surprise: points.reduce((sum, point) => sum + point.surprise, 0) / Math.max(1, points.length),
    rejectedAt90: rejected.length / Math.max(1, own.length),
    lostAt90: rejected.filter((point) => point.right).length / Math.max(1, own.length),
    stays: conversation.stays,
    switches: conversation.switches,
  };
}

/** The strongest directions alone, each stem's row brought back to the length it had. */
export function firstDimensions(stems: StemVectors, dimensions: number): StemVectors {
  if (dimensions >= stems.dimensions) return stems;
  const count = stems.hashes.length;
  const rows = new Int8Array(count * dimensions);
  const scale = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const whole = stems.rows.subarray(row * stems.dimensions, (row + 1) * stems.dimensions);
    const kept = whole.subarray(0, dimensions);
    rows.set(kept, row * dimensions);
    scale[row] = ((stems.scale[row] as number) * lengthOf(whole)) / Math.max(1e-9, lengthOf(kept));
  }
  return { ...stems, dimensions, rows, scale };
}

function lengthOf(row: Int8Array): number {
  return Math.sqrt(row.reduce((sum, one) => sum + one * one, 0));
}

export const comparisonHead = [
  "| variant | top-1 | top-3 | surprise | ECE | in scope rejected at 90 % (rightly routed ones) | stays / switches | s a fit |",
  "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
].join("\n");

export function comparisonRow(of: VariantFigures): string {
  const percent = (part: number) => (part * 100).toFixed(1);
  return [
    `| ${of.name}`,
    percent(of.top1),
    percent(of.top3),
    of.surprise.toFixed(3),
    of.ece.toFixed(3),
    `${percent(of.rejectedAt90)} (${percent(of.lostAt90)})`,
    `${percent(of.stays)} / ${percent(of.switches)}`,
    `${of.secondsPerFit.toFixed(0)} |`,
  ].join(" | ");
}
