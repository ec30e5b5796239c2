import type { AnswerWords } from "../../../services/retrieval/answer-words.ts";
import type { Meaning, WordDirection } from "../../../services/retrieval/meaning.ts";
import { featureNames, type SentenceFeatures } from "../../../services/retrieval/sentence-features.ts";
import { type Exchange, foldOf, folds } from "./dialogues.ts";
import {
  documentChoice,
  type Library,
  type NearnessFeature,
  nearnessNames,
  sentenceChoice,
  wordPairOf,
} from "./examples.ts";
import { fitWeights } from "./fit-weights.ts";
import { type Judgement, judgeChoices, ofAll } from "./judge-choices.ts";
import { learnAnswerWords } from "./learn-answer-words.ts";

export interface Weights {
  readonly sentences: Record<keyof SentenceFeatures, number>;
  readonly documents: Record<NearnessFeature, number>;
}

export interface Judged {
  readonly sentences: Judgement;
  /** By words and meaning, and by words alone. */
  readonly documents: Judgement;
  readonly byWords: Judgement;
}

/** What is known of words for an exchange: never learnt from its own documents. */
export type MeaningOf = (exchange: Exchange) => Meaning;

/** The words of answers; what says that nothing was found teaches none. */
export function learnFrom(exchanges: readonly Exchange[], library: Library): AnswerWords {
  return learnAnswerWords(exchanges.filter(({ answered }) => answered).map((one) => wordPairOf(one, library)));
}

/** For each exchange the meaning learnt from the other folds; one that rests on no document has all of them. */
export function meaningsByFold(exchanges: readonly Exchange[], library: Library, direction: WordDirection): MeaningOf {
  const others = folds.map((fold): Meaning => {
    const answerWords = learnFrom(exchanges.filter(outside(fold)), library);
    return { direction, answerWords };
  });
  return (exchange) => others[foldOf(exchange)] as Meaning;
}

export function fitAllWeights(grounded: readonly Exchange[], library: Library, meaningOf: MeaningOf): Weights {
  const sentences = fitWeights(
    grounded.flatMap((one) => sentenceChoice(one, library, meaningOf(one)) ?? []),
    featureNames,
  );
  const documents = grounded
    .map((one) => documentChoice(one, library, meaningOf(one), sentences))
    .filter(({ right }) => right.some((share) => share > 0));
  return { sentences, documents: fitWeights(documents, nearnessNames) };
}

export function judgeWeights(
  weights: Weights,
  grounded: readonly Exchange[],
  library: Library,
  meaningOf: MeaningOf,
): Judged {
  const documents = grounded.map((one) => documentChoice(one, library, meaningOf(one), weights.sentences));
  const wordsAlone = { agreement: 1, title: 0, sentences: 0, drawn: 0 };
  return {
    sentences: judgeChoices(
      grounded.flatMap((one) => sentenceChoice(one, library, meaningOf(one)) ?? []),
      featureNames,
      weights.sentences,
    ),
    documents: judgeChoices(documents, nearnessNames, weights.documents, true),
    byWords: judgeChoices(documents, nearnessNames, wordsAlone, true),
  };
}

/** Five folds by document: each is judged by words and weights that were learnt without its documents. */
export function crossValidated(exchanges: readonly Exchange[], library: Library, direction: WordDirection): Judged {
  const parts = folds.map((fold) => {
    const others = exchanges.filter(outside(fold));
    const weights = fitAllWeights(others.filter(isGrounded), library, meaningsByFold(others, library, direction));
    const meaning = { direction, answerWords: learnFrom(others, library) };
    const judged = exchanges.filter((one) => isGrounded(one) && foldOf(one) === fold);
    return judgeWeights(weights, judged, library, () => meaning);
  });
  return {
    sentences: ofAll(parts.map(({ sentences }) => sentences)),
    documents: ofAll(parts.map(({ documents }) => documents)),
    byWords: ofAll(parts.map(({ byWords }) => byWords)),
  };
}

/** Whether it is answered from documents. */
export function isGrounded({ answered, documents }: Exchange): boolean {
  return answered && documents.length > 0;
}

function outside(fold: number): (exchange: Exchange) => boolean {
  return (exchange) => exchange.documents.length === 0 || foldOf(exchange) !== fold;
}
