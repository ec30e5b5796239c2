import { readQuestion, stemsOf } from "../../../services/retrieval/comparison.ts";
import type { Meaning } from "../../../services/retrieval/meaning.ts";
import type { KnowledgeDocument, MemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { type Nearness, nearness } from "../../../services/retrieval/nearness.ts";
import { type SentenceFeatures, sentenceFeatures } from "../../../services/retrieval/sentence-features.ts";
import { splitSentences } from "../../../services/retrieval/sentences.ts";
import { answerShares } from "./answer-shares.ts";
import type { Exchange } from "./dialogues.ts";
import type { Choice } from "./fit-weights.ts";
import type { WordPair } from "./learn-answer-words.ts";

/** What is learnt from: where to look, and what is known of words. */
export interface Library {
  readonly knowledge: MemoryKnowledge;
  readonly documents: ReadonlyMap<string, KnowledgeDocument>;
}

/** Candidates by words whose order meaning settles, as `MemoryKnowledge` has it. */
const candidates = 5;

/** Question and answer as words that draw each other; of an answer that rests on documents their titles too. */
export function wordPairOf({ question, answer, documents }: Exchange, library: Library): WordPair {
  const titles = documents.map((id) => library.documents.get(id)?.title ?? "");
  return { asked: stemsOf(question), answered: stemsOf([answer, ...titles].join("\n")) };
}

/** Which sentence of the document that carries most of the answer it rests on; undefined: nothing of it stands there. */
export function sentenceChoice(
  exchange: Exchange,
  library: Library,
  meaning: Meaning,
): Choice<keyof SentenceFeatures> | undefined {
  const { rarity } = library.knowledge;
  const passages = exchange.documents.map((id) => splitSentences(library.documents.get(id)?.text ?? ""));
  const shares = answerShares(exchange.answer, passages.flat(), rarity);
  let from = 0;
  const parts = passages.map((sentences) => {
    const right = shares.slice(from, from + sentences.length);
    from += sentences.length;
    return { sentences, right, all: right.reduce((sum, share) => sum + share, 0) };
  });
  const most = parts.toSorted((a, b) => b.all - a.all)[0];
  if (most === undefined || most.all === 0) return undefined;
  return {
    seen: sentenceFeatures(readQuestion(exchange.question, rarity, meaning), most.sentences, meaning),
    right: most.right.map((share) => share / most.all),
  };
}

export type NearnessFeature = keyof Nearness | "agreement";
export const nearnessNames = ["agreement", "title", "sentences", "drawn"] as const;

/** Which of the documents that agree most by words is one of the right ones. @returns `right` is all 0 when none is */
export function documentChoice(
  { question, sector, documents }: Exchange,
  library: Library,
  meaning: Meaning,
  weights: Readonly<SentenceFeatures>,
): Choice<NearnessFeature> {
  const asked = readQuestion(question, library.knowledge.rarity, meaning);
  const agreeing = library.knowledge.agreeing(question, { sector, limit: candidates });
  const isRight = agreeing.map(({ document }) => documents.includes(document.id));
  const all = isRight.filter((right) => right).length;
  return {
    seen: agreeing.map(({ document, agreement }) => ({
      agreement: Math.log(agreement),
      ...nearness(asked, document, meaning, weights),
    })),
    right: isRight.map((right) => (right ? 1 / all : 0)),
  };
}
