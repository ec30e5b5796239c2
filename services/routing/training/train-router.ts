import type { FeatureSpec } from "../features.ts";
import { createLinearRouter } from "../linear-router.ts";
import type { Router } from "../router.ts";
import { createScorer } from "../scorer.ts";
import { followUpClass, outOfScopeClass, quantise, type RouterHeader, type RouterWeights } from "../weights.ts";
import {
  type AbstentionGoal,
  type ConversationFigures,
  chooseConversation,
  chooseTemperature,
  chooseThresholds,
  type Judged,
} from "./calibrate.ts";
import { buildCorpus, type Corpus, type CorpusSpec } from "./corpus.ts";
import { type FitSpec, fitWeights } from "./fit.ts";
import { measure, type Routed, type RouterFigures } from "./measure.ts";
import { createRandom } from "./random.ts";
import type { RoutingData, RoutingExample } from "./read-examples.ts";

/** Everything that was chosen by cross-validation; docs/decisions/0003-router-features.md says why. */
export interface Recipe {
  readonly features: FeatureSpec;
  readonly corpus: CorpusSpec;
  readonly fit: FitSpec;
  readonly goal: AbstentionGoal;
  readonly conversation: Pick<RouterHeader["conversation"], "decay" | "memory">;
}

export const defaultRecipe: Recipe = {
  features: {
    seed: 20_260,
    charMin: 2,
    charMax: 5,
    prefixMin: 5,
    prefixMax: 7,
    pairLetters: 5,
    weights: { word: 1, prefix: 1, char: 0.7, pair: 0.5 },
  },
  corpus: {
    seed: 11,
    copies: ["typo", "shorthand"],
    copyImportance: 0.5,
    sentenceImportance: 0.4,
    laterImportance: 0.6,
    laterFollowUp: 0.5,
    generalImportance: 1,
    generalFollowUp: 0.7,
    folds: 5,
  },
  fit: { seed: 5, maxRows: 96_000, minTexts: 2, epochs: 5, learningRate: 0.3, bayes: 0.5, bayesSmoothing: 0.1 },
  goal: { rejectOutOfScope: 0.9, loseInScope: 0.045 },
  conversation: { decay: 0.7, memory: 0.25 },
};

export interface TrainedRouter {
  readonly weights: RouterWeights;
  /** Of messages each judged by a model that never saw them. */
  readonly crossValidated: RouterFigures;
  readonly conversation: ConversationFigures;
}

/**
 * A router from labelled messages and dialogues: one model a fold to choose temperature, thresholds and stickiness on
 * messages it has not seen, then one on everything. Seeded: the same data gives the same bytes.
 * @param onProgress models fitted so far, of `total`
 */
export function trainRouter(
  data: RoutingData,
  sectors: readonly string[],
  recipe: Recipe = defaultRecipe,
  onProgress: (done: number, total: number) => void = () => {},
): TrainedRouter {
  const classes = [...sectors, outOfScopeClass, followUpClass];
  const corpus = buildCorpus(data, classes, recipe.features, recipe.corpus);
  const { folds } = recipe.corpus;
  const untuned: Omit<RouterHeader, "rows" | "tableSha256"> = {
    schema: "sektor-router-1",
    classes,
    features: recipe.features,
    temperature: 1,
    thresholds: { reject: 1, confidence: 0 },
    conversation: { ...recipe.conversation, stay: 1, switch: 0.5 },
    training: { sha256: data.sha256, messages: 0, outOfScope: 0, dialogues: data.dialogues.length, figures: {} },
  };

  const judged: Judged[] = [];
  const ofFold: RouterWeights[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const weights = quantise(
      fitWeights(corpus, classes.length, (of) => of !== fold, recipe.fit),
      untuned,
    );
    ofFold.push(weights);
    judged.push(...judge(corpus, weights, fold));
    onProgress(fold + 1, folds + 1);
  }
  const messages = judged.filter((one) => one.kind !== "later" && one.sector !== followUpClass);
  const temperature = chooseTemperature(messages, classes);
  const thresholds = chooseThresholds(messages, classes, temperature, recipe.goal);
  const asked = judged.filter((one) => one.sector !== followUpClass);
  const { conversation, figures } = chooseConversation(
    asked,
    classes,
    temperature,
    recipe.conversation,
    createRandom(recipe.corpus.seed),
  );
  const tuned = { ...untuned, temperature, thresholds, conversation };
  const crossValidated = measure(
    ofFold.flatMap((weights, fold) => {
      const router = createLinearRouter({ ...weights, header: { ...weights.header, ...tuned } });
      return routeAll(
        router,
        messages.filter((one) => one.fold === fold),
      );
    }),
  );

  const weights = quantise(
    fitWeights(corpus, classes.length, () => true, recipe.fit),
    {
      ...tuned,
      training: {
        ...untuned.training,
        messages: crossValidated.inScope,
        outOfScope: crossValidated.outOfScope,
        figures: summary(crossValidated, figures),
      },
    },
  );
  onProgress(folds + 1, folds + 1);
  return { weights, crossValidated, conversation: figures };
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

function judge(corpus: Corpus, weights: RouterWeights, fold: number): Judged[] {
  const scorer = createScorer(weights);
  const classes = weights.header.classes.length;
  const logitsOf = (text: string): Float64Array | undefined => {
    const logits = new Float64Array(classes);
    return scorer.logits(text, logits) ? logits : undefined;
  };
  return corpus.heldOut
    .filter((one) => one.fold === fold)
    .map((one) => ({
      ...one,
      logits: logitsOf(one.text) ?? new Float64Array(classes),
      earlier: one.utterances.length === 0 ? undefined : logitsOf(one.utterances.slice(-3).join("\n")),
    }));
}

function summary(crossValidated: RouterFigures, conversation: ConversationFigures): Record<string, number> {
  const { top1, top3, macroF1, precision, inScopeRejected, outOfScopeRejected, ece } = crossValidated;
  const figures = { top1, top3, macroF1, precision, inScopeRejected, outOfScopeRejected, ece, ...conversation };
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, Math.round(figure * 10_000) / 10_000]),
  );
}
