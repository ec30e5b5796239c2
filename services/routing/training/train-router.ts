import { createLinearRouter } from "../linear-router.ts";
import type { Router } from "../router.ts";
import type { StemVectors } from "../stem-vectors.ts";
import {
  followUpClass,
  outOfScopeClass,
  quantise,
  type RouterHeader,
  type RouterWeights,
  routerSchema,
} from "../weights.ts";
import { chooseTemperature, chooseThresholds } from "./calibrate.ts";
import { type ConversationFigures, chooseConversation } from "./calibrate-conversation.ts";
import { buildCorpus } from "./corpus.ts";
import { type FoldVerdicts, judgeFold } from "./cross-validate.ts";
import { fitWeights } from "./fit.ts";
import { measure, type Routed, type RouterFigures } from "./measure.ts";
import { createRandom } from "./random.ts";
import type { RoutingData, RoutingExample } from "./read-examples.ts";
import { defaultRecipe, type Recipe } from "./recipe.ts";

export interface TrainedRouter {
  readonly weights: RouterWeights;
  /** Of messages each judged by a model that never saw them. */
  readonly crossValidated: RouterFigures;
  readonly conversation: ConversationFigures;
}

/** The part of a header that is chosen on held-out folds. */
export type Tuned = Pick<RouterHeader, "temperature" | "thresholds" | "conversation">;

/**
 * A router from labelled messages, dialogues and conversations: one model a fold to choose temperature, thresholds and stickiness on
 * messages it has not seen, then one on everything. Seeded: the same data gives the same bytes. Uses nothing but its arguments: fit
 * for a worker thread.
 * @param onProgress models fitted so far, of `total`
 * @param stems the stem vectors (`loadStemVectors`); undefined: n-grams alone
 */
export function trainRouter(
  data: RoutingData,
  sectors: readonly string[],
  recipe: Recipe = defaultRecipe,
  onProgress: (done: number, total: number) => void = () => {},
  stems?: StemVectors,
): TrainedRouter {
  const untuned = headerOf(data, sectors, recipe, stems);
  const { classes } = untuned;
  const corpus = buildCorpus(data, classes, recipe.features, recipe.corpus, stems);
  const { folds } = recipe.corpus;
  const verdicts: FoldVerdicts[] = [];
  for (let fold = 0; fold < folds; fold++) {
    verdicts.push(judgeFold(corpus, fold, recipe, untuned, stems));
    onProgress(fold + 1, folds + 1);
  }
  const { tuned, conversation } = tune(verdicts, classes, recipe);
  const crossValidated = measure(
    verdicts.flatMap(({ weights, messages }) =>
      routeAll(createLinearRouter({ ...weights, header: { ...weights.header, ...tuned } }), messages.filter(hasAnswer)),
    ),
  );
  const figures = summary(crossValidated, conversation);
  const weights = quantise(
    fitWeights(corpus, classes.length, () => true, recipe.fit),
    { ...untuned, ...tuned, training: { ...untuned.training, figures } },
    stems,
  );
  onProgress(folds + 1, folds + 1);
  return { weights, crossValidated, conversation };
}

/**
 * One fit on everything, without cross-validation: for data that grew a little, or a new sector at run time. Some ten times faster than
 * `trainRouter`. Temperature, thresholds and stickiness are those of `base`, as is the seed: the same data gives the same bytes.
 * @param base the header of the router that was cross-validated; its figures are not carried over, since they are not of this model
 */
export function refitRouter(
  base: Tuned,
  data: RoutingData,
  sectors: readonly string[],
  recipe: Recipe = defaultRecipe,
  stems?: StemVectors,
): RouterWeights {
  const { temperature, thresholds, conversation } = base;
  const header = { ...headerOf(data, sectors, recipe, stems), temperature, thresholds, conversation };
  const corpus = buildCorpus(data, header.classes, recipe.features, recipe.corpus, stems);
  return quantise(
    fitWeights(corpus, header.classes.length, () => true, recipe.fit),
    header,
    stems,
  );
}

/** What a router says to messages whose answer is known, outside any conversation. */
export function routeAll(router: Router, examples: readonly RoutingExample[]): Routed[] {
  return examples.map(({ text, sector, kind }) => {
    const decision = router.classify(text);
    const ranking = decision.scores.slice(0, 3).map((score) => score.sector);
    return {
      right: sector,
      kind,
      ranking,
      confidence: decision.scores[0]?.confidence ?? 0,
      abstained: decision.abstained,
    };
  });
}

export function headerOf(
  data: RoutingData,
  sectors: readonly string[],
  recipe: Recipe,
  stems: StemVectors | undefined,
): Omit<RouterHeader, "rows" | "tableSha256"> {
  const { loudness } = recipe.fit;
  const count = (is: (sector: string) => boolean) => data.examples.filter((example) => is(example.sector)).length;
  return {
    schema: routerSchema,
    classes: [...sectors, outOfScopeClass, followUpClass],
    features: recipe.features,
    stems:
      stems === undefined || loudness === 0 ? null : { sha256: stems.sha256, dimensions: stems.dimensions, loudness },
    temperature: 1,
    thresholds: { reject: 1, confidence: 0 },
    conversation: { ...recipe.conversation, stay: 1, switch: 0.5 },
    training: {
      sha256: data.sha256,
      messages: count((sector) => sectors.includes(sector)),
      outOfScope: count((sector) => sector === outOfScopeClass),
      dialogues: data.dialogues.length,
      conversations: data.conversations.length,
      sentences: data.sentences.length,
      terms: data.terms.length,
      figures: {},
    },
  };
}

/** Temperature, thresholds and stickiness under which held-out messages and conversations go best. */
export function tune(
  verdicts: readonly FoldVerdicts[],
  classes: readonly string[],
  recipe: Recipe,
): { tuned: Tuned; conversation: ConversationFigures } {
  const messages = verdicts.flatMap((one) => one.messages.filter(hasAnswer));
  const temperature = chooseTemperature(messages, classes);
  const thresholds = chooseThresholds(messages, classes, temperature, recipe.goal);
  const { conversation, figures } = chooseConversation(
    verdicts.flatMap((one) => one.conversations),
    messages.filter((one) => one.sector === outOfScopeClass).map((one) => one.logits),
    classes,
    temperature,
    recipe.conversation,
    createRandom(recipe.corpus.seed),
  );
  return { tuned: { temperature, thresholds, conversation }, conversation: figures };
}

function hasAnswer({ sector }: RoutingExample): boolean {
  return sector !== followUpClass;
}

function summary(crossValidated: RouterFigures, conversation: ConversationFigures): Record<string, number> {
  const { top1, top3, macroF1, precision, inScopeRejected, outOfScopeRejected, ece } = crossValidated;
  const figures = { top1, top3, macroF1, precision, inScopeRejected, outOfScopeRejected, ece, ...conversation };
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, Math.round(figure * 10_000) / 10_000]),
  );
}
