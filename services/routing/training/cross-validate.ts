import { createScorer, type Scorer } from "../scorer.ts";
import type { StemVectors } from "../stem-vectors.ts";
import { quantise, type RouterHeader, type RouterWeights } from "../weights.ts";
import type { Judged } from "./calibrate.ts";
import type { JudgedTurn } from "./calibrate-conversation.ts";
import type { Corpus } from "./corpus.ts";
import { fitWeights } from "./fit.ts";
import type { Recipe } from "./recipe.ts";

export interface FoldVerdicts {
  readonly weights: RouterWeights;
  readonly messages: readonly Judged[];
  readonly conversations: readonly (readonly JudgedTurn[])[];
}

/** Fits a model on every fold but one and asks it about that one. */
export function judgeFold(
  corpus: Corpus,
  fold: number,
  recipe: Recipe,
  header: Omit<RouterHeader, "rows" | "tableSha256">,
  stems: StemVectors | undefined,
): FoldVerdicts {
  const classes = header.classes.length;
  const weights = quantise(
    fitWeights(corpus, classes, (of) => of !== fold, recipe.fit),
    header,
    stems,
  );
  const scorer = createScorer(weights);
  const messages = corpus.heldOut
    .filter((one) => one.fold === fold)
    .map((one) => ({ ...one, logits: logitsOf(scorer, classes, one.text) ?? new Float64Array(classes) }));
  const conversations = corpus.conversations
    .filter((one) => one.fold === fold)
    .map(({ turns }) =>
      turns.map(({ text, sector }, at) => ({
        sector,
        logits: logitsOf(scorer, classes, text) ?? new Float64Array(classes),
        earlier: logitsOf(
          scorer,
          classes,
          turns
            .slice(Math.max(0, at - 3), at)
            .map((turn) => turn.text)
            .join("\n"),
        ),
      })),
    );
  return { weights, messages, conversations };
}

function logitsOf(scorer: Scorer, classes: number, text: string): Float64Array | undefined {
  const logits = new Float64Array(classes);
  return scorer.logits(text, logits) ? logits : undefined;
}
