import { quotedAnswers } from "../../../services/conversation/quoted-answer.ts";
import type { Meaning } from "../../../services/retrieval/meaning.ts";
import { createMemoryKnowledge, type KnowledgeDocument } from "../../../services/retrieval/memory-knowledge.ts";
import { createSentenceRanker } from "../../../services/retrieval/sentence-ranker.ts";
import { splitSentences } from "../../../services/retrieval/sentences.ts";
import { answerShares } from "./answer-shares.ts";
import type { Exchange } from "./dialogues.ts";
import type { MeaningOf } from "./fit-knowledge.ts";

/** As configs/default.yaml has them. */
const passages = 2;
const minScore = 0.18;

/** What becomes of questions with the weights as they stand in the code; shares of all questions of the group. */
export interface QuoteFigures {
  readonly questions: number;
  /** The right document is the one that is quoted; another one is. */
  readonly right: number;
  readonly wrong: number;
  /** Of both, those where the model may say that the sources hold no answer. */
  readonly rightInDoubt: number;
  readonly wrongInDoubt: number;
  /** Of the questions for which anything is found: how much of the reference answer's sentences the quote has, and its words. */
  readonly shorter: { readonly held: number; readonly words: number };
  readonly longer: { readonly held: number; readonly words: number };
}

export interface QuoteGroups {
  readonly learnt: QuoteFigures;
  readonly heldOut: QuoteFigures;
  /** Questions that no document answers: all that is found is wrong. */
  readonly unanswered: QuoteFigures;
}

export async function measureQuotes(
  exchanges: readonly Exchange[],
  documents: readonly KnowledgeDocument[],
  meaningOf: MeaningOf,
): Promise<QuoteGroups> {
  const grounded = exchanges.filter((one) => one.documents.length > 0);
  const judges = new Map<Meaning, ReturnType<typeof createJudge>>();
  const judged = await Promise.all(
    grounded.map((exchange) => {
      const meaning = meaningOf(exchange);
      const judge = judges.get(meaning) ?? createJudge(documents, meaning);
      judges.set(meaning, judge);
      return judge(exchange);
    }),
  );
  const figures = (isOf: (one: Exchange) => boolean) => inAll(judged.filter((_, at) => isOf(grounded[at] as Exchange)));
  return {
    learnt: figures(({ answered, heldOut }) => answered && !heldOut),
    heldOut: figures(({ answered, heldOut }) => answered && heldOut),
    unanswered: figures(({ answered }) => !answered),
  };
}

interface JudgedQuote {
  readonly isRight: boolean;
  readonly isInDoubt: boolean;
  readonly quotes: readonly { readonly held: number; readonly words: number }[];
}

/** Answers undefined where nothing was found. */
function createJudge(documents: readonly KnowledgeDocument[], meaning: Meaning) {
  const knowledge = createMemoryKnowledge(documents, meaning);
  const ranker = createSentenceRanker(knowledge.rarity, meaning);
  return async (exchange: Exchange): Promise<JudgedQuote | undefined> => {
    const { question, sector, answer, answered } = exchange;
    const found = await knowledge.search(question, { sector, limit: passages });
    const [best] = found;
    if (best === undefined || best.score < minScore) return undefined;
    const texts = quotedAnswers(
      question,
      found.filter(({ score }) => score >= best.score / 2),
      ranker,
    );
    const cited = texts.filter((text) => text.includes("[1]"));
    const isRight = answered && exchange.documents.includes(best.document);
    const sentences = splitSentences(best.text);
    const shares = isRight ? answerShares(answer, sentences, knowledge.rarity) : [];
    return {
      isRight,
      isInDoubt: cited.length < texts.length,
      quotes: cited.map((text) => ({
        words: text.split(" ").length - 1,
        held: sentences.reduce(
          (sum, sentence, at) => (text.includes(sentence.slice(0, -1)) ? sum + (shares[at] ?? 0) : sum),
          0,
        ),
      })),
    };
  };
}

function inAll(judged: readonly (JudgedQuote | undefined)[]): QuoteFigures {
  const found = judged.filter((one) => one !== undefined);
  const share = (is: (one: JudgedQuote) => boolean) => found.filter(is).length / judged.length;
  const mean = (of: (one: JudgedQuote) => number | undefined) =>
    found.reduce((sum, one) => sum + (of(one) ?? 0), 0) / Math.max(1, found.length);
  return {
    questions: judged.length,
    right: share(({ isRight }) => isRight),
    wrong: share(({ isRight }) => !isRight),
    rightInDoubt: share(({ isRight, isInDoubt }) => isRight && isInDoubt),
    wrongInDoubt: share(({ isRight, isInDoubt }) => !isRight && isInDoubt),
    shorter: { held: mean(({ quotes }) => quotes[0]?.held), words: mean(({ quotes }) => quotes[0]?.words) },
    longer: { held: mean(({ quotes }) => quotes.at(-1)?.held), words: mean(({ quotes }) => quotes.at(-1)?.words) },
  };
}
