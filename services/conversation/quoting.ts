import type { SentenceRanker } from "../retrieval/index.ts";
import type { AdapterDirectory } from "./adapter-directory.ts";
import { isCourtesy } from "./courtesy.ts";
import { type QuotablePassage, quotedAnswers } from "./quoted-answer.ts";

/** The texts a reply must be one of, given the passages of its prompt; none: the model words it freely. */
export type Quoting = (question: string, passages: readonly QuotablePassage[]) => Promise<readonly string[]>;

export interface QuotingParts {
  readonly ranker: SentenceRanker;
  readonly adapters: Pick<AdapterDirectory, "status">;
  /** `auto`: quoted when the base model is known to be too small to word facts itself. */
  readonly answers: "auto" | "quoted" | "free";
}

/** Parameters from which a model may be trusted to say in its own words what it has read. */
const ownWords = 1e9;

/** Whether, and from what, replies that rest on passages are quoted. Thanks and greetings are answered freely. */
export function createQuoting({ ranker, adapters, answers }: QuotingParts): Quoting {
  const isQuoted = async (): Promise<boolean> => {
    if (answers !== "auto") return answers === "quoted";
    const { parameters } = (await adapters.status()).base;
    return parameters !== null && parameters < ownWords;
  };
  return async (question, passages) => {
    if (passages.length === 0 || isCourtesy(question) || !(await isQuoted())) return [];
    return quotedAnswers(question, passages, ranker);
  };
}
