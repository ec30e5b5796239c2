import { defaultRecipe, type Recipe } from "../../services/routing/training/index.ts";
import type { Variant } from "./router-compare.ts";

type Change = { readonly [Part in "corpus" | "fit" | "features"]?: Partial<Recipe[Part]> };

function variant(name: string, change: Change = {}, dimensions = 96): Variant {
  const recipe: Recipe = {
    ...defaultRecipe,
    corpus: { ...defaultRecipe.corpus, ...change.corpus },
    fit: { ...defaultRecipe.fit, ...change.fit },
    features: { ...defaultRecipe.features, ...change.features },
  };
  return { name, recipe, dimensions };
}

const bare = { knowledgeImportance: 0, termImportance: 0, outOfScopeImportance: 1 };

/** What decision 0006 compares: everything but the named change is as in the default recipe. */
export const variants: readonly Variant[] = [
  variant("n-grams alone", { corpus: bare, fit: { loudness: 0 } }, 0),
  variant("stem vectors alone, 160 dimensions", { corpus: bare, fit: { maxRows: 0, bayes: 0 } }, 160),
  variant("n-grams and 64 dimensions, loudness 0.5", { corpus: bare, fit: { loudness: 0.5 } }, 64),
  variant("n-grams and 96 dimensions, loudness 0.5", { corpus: bare, fit: { loudness: 0.5 } }),
  variant("n-grams and 160 dimensions, loudness 0.5", { corpus: bare, fit: { loudness: 0.5 } }, 160),
  variant("n-grams and 160 dimensions, loudness 1", { corpus: bare }, 160),
  variant("n-grams and 160 dimensions, loudness 1.5", { corpus: bare, fit: { loudness: 1.5 } }, 160),
  variant("96 dimensions, loudness 1, knowledge at 0.3", { corpus: { ...bare, knowledgeImportance: 0.3 } }),
  variant("96 dimensions, loudness 1, knowledge at 0.3, terms at 0.1", {
    corpus: { ...bare, knowledgeImportance: 0.3, termImportance: 0.1 },
  }),
  variant("96 dimensions, loudness 1, knowledge at 0.3, terms at 0.3", {
    corpus: { ...bare, knowledgeImportance: 0.3, termImportance: 0.3 },
  }),
  variant("96 dimensions, loudness 1, knowledge at 0.3, terms at 0.3, out of scope at 2", {
    corpus: { knowledgeImportance: 0.3, termImportance: 0.3, outOfScopeImportance: 2 },
  }),
  variant("as taken (learning rate 0.5)", {}),
  variant("learning rate 0.3", { fit: { learningRate: 0.3 } }),
  variant("terms at 0.6", { corpus: { termImportance: 0.6 } }),
  variant("learning rate 0.3, 8 epochs", { fit: { learningRate: 0.3, epochs: 8 } }),
  variant("8 epochs", { fit: { epochs: 8 } }),
  variant("n-grams of three texts and more", { fit: { minTexts: 3 } }),
  variant("copies: typo, shorthand, cut", { corpus: { copies: ["typo", "shorthand", "cut"] } }),
];
