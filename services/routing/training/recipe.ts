import type { FeatureSpec } from "../grams.ts";
import type { RouterHeader } from "../weights.ts";
import type { AbstentionGoal } from "./calibrate.ts";
import type { CorpusSpec } from "./corpus.ts";
import type { FitSpec } from "./fit.ts";

/** Everything that was chosen by cross-validation; docs/decisions/0003-router-features.md and 0006-router-v1.md say why. */
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
    knowledgeImportance: 0.3,
    termImportance: 0.3,
    outOfScopeImportance: 2,
    laterImportance: 0.6,
    laterFollowUp: 0.5,
    generalImportance: 1,
    generalFollowUp: 0.7,
    folds: 5,
  },
  fit: {
    seed: 5,
    maxRows: 96_000,
    minTexts: 2,
    epochs: 5,
    learningRate: 0.5,
    bayes: 0.5,
    bayesSmoothing: 0.1,
    loudness: 1,
  },
  goal: { rejectOutOfScope: 0.9, loseInScope: 0.045 },
  conversation: { decay: 0.7, memory: 0.25 },
};
