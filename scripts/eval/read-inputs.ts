import { existsSync } from "node:fs";
import type { Sectors } from "../../services/settings/index.ts";
import { readAnswerQuestions } from "./answers/answer-questions.ts";
import type { AnswersInput } from "./answers/evaluate-answers.ts";
import { readKnowledge } from "./answers/knowledge-documents.ts";
import { spread } from "./json-lines.ts";
import type { EvalOptions } from "./options.ts";
import { type PerplexityMatrix, readMatrix } from "./perplexity/read-matrix.ts";
import type { RouterInput } from "./router/evaluate-router.ts";
import { readRouterConversations, readRouterMessages } from "./router/router-lines.ts";

/** Written apart and read by nothing but this. */
const untouched = {
  messages: ["datasets/routing/test/sectors.jsonl", "datasets/routing/test/out_of_scope.jsonl"],
  conversations: "datasets/routing/test/conversations.jsonl",
};

export interface EvalInputs {
  readonly router: RouterInput | undefined;
  readonly answers: AnswersInput | undefined;
  readonly perplexity: PerplexityMatrix | undefined;
}

/** Everything the chosen parts need is read before the first of them begins. @throws {EvalInputError} */
export function readInputs(options: EvalOptions, sectors: Sectors): EvalInputs {
  const has = (part: EvalOptions["parts"][number]): boolean => options.parts.includes(part);
  const ids = sectors.all.map(({ id }) => id);
  return {
    // Speed routes the same messages.
    router: has("router") || has("speed") ? readRouterInput(options, ids) : undefined,
    answers: has("answers") ? readAnswersInput(options, ids) : undefined,
    perplexity: has("perplexity") ? readMatrix(options.perplexity) : undefined,
  };
}

function readRouterInput(options: EvalOptions, sectors: readonly string[]): RouterInput {
  const own = options.router;
  const files = own ?? untouched.messages;
  // Whoever brings messages may bring conversations; the house's are no part of a measurement on other messages.
  const chosen = options.conversations ?? (own === undefined ? untouched.conversations : undefined);
  const conversations =
    chosen !== undefined && (options.conversations !== undefined || existsSync(chosen))
      ? readRouterConversations([chosen], sectors)
      : [];
  return {
    source: own === undefined ? "the untouched test (`datasets/routing/test`)" : "brought along (--router)",
    messages: spread(readRouterMessages(files, sectors), options.limit),
    conversations: spread(conversations, options.limit),
    benchmark: own === undefined && options.limit === undefined ? options.benchmark : undefined,
  };
}

function readAnswersInput(options: EvalOptions, sectors: readonly string[]): AnswersInput {
  const { answers, knowledge, url, models, threads, transcripts } = options;
  return {
    source: answers === undefined ? "`datasets/answers`" : "brought along (--answers)",
    questions: spread(readAnswerQuestions([answers ?? "datasets/answers"], sectors), options.limit),
    knowledgeFolder: knowledge,
    knowledge: readKnowledge(knowledge),
    url,
    key: process.env["SEKTOR_API_KEY"],
    models,
    threads,
    transcripts,
  };
}
