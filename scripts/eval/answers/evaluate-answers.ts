import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Progress } from "../progress.ts";
import type { Section } from "../section.ts";
import type { AnswerQuestion } from "./answer-questions.ts";
import { answersSection } from "./answers-section.ts";
import { type ChatAnswer, type ChatClient, openChatClient } from "./chat-client.ts";
import { judgeAnswer, type Verdict } from "./judge-answer.ts";
import { type KnowledgeDocument, rightDocuments } from "./knowledge-documents.ts";
import { startOwnGateway } from "./own-gateway.ts";

export interface AnswersInput {
  readonly source: string;
  readonly questions: readonly AnswerQuestion[];
  readonly knowledgeFolder: string;
  /** What lies in that folder. */
  readonly knowledge: readonly KnowledgeDocument[];
  /** A running server; undefined: one is started. */
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly models: string;
  readonly threads: number | undefined;
  /** Where every question and its answer are written, to be read by a person; undefined: nowhere. */
  readonly transcripts: string | undefined;
}

/** Asks every question, with knowledge and without, and judges what comes back. */
export async function evaluateAnswers(input: AnswersInput, progress: Progress, signal: AbortSignal): Promise<Section> {
  await using gateway = input.url === undefined ? await startOwnGateway(input) : null;
  const client = await openChatClient(gateway?.url ?? input.url ?? "", input.key, signal);
  const rounds: readonly (boolean | undefined)[] = client.takesKnowledge ? [true, false] : [undefined];
  progress.start("answers", input.questions.length * rounds.length);
  try {
    const found: Round[] = [];
    for (const useKnowledge of rounds) found.push(await askAll(input, client, useKnowledge, progress, signal));
    if (input.transcripts !== undefined) writeTranscripts(input.transcripts, input.questions, found);
    return answersSection({
      source: input.source,
      server: input.url === undefined ? "the gateway as `npm start` runs it" : "a running server (--url)",
      with: found[0]?.verdicts ?? [],
      without: found[1]?.verdicts,
    });
  } finally {
    progress.stop();
  }
}

interface Round {
  readonly answers: readonly ChatAnswer[];
  readonly verdicts: readonly Verdict[];
}

/** One after another: times are those of a server with one caller. */
async function askAll(
  { questions, knowledge }: AnswersInput,
  client: ChatClient,
  useKnowledge: boolean | undefined,
  progress: Progress,
  signal: AbortSignal,
): Promise<Round> {
  const answers: ChatAnswer[] = [];
  for (const { question, sector } of questions) {
    answers.push(await client.ask({ message: question, sector, useKnowledge }, signal));
    progress.step();
  }
  const verdicts = questions.map((question, at) =>
    judgeAnswer(question, answers[at] as ChatAnswer, rightDocuments(question, knowledge)),
  );
  return { answers, verdicts };
}

function writeTranscripts(file: string, questions: readonly AnswerQuestion[], rounds: readonly Round[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const lines = questions.map(({ id, sector, question }, at) => {
    const [on, off] = rounds.map(({ answers, verdicts }) => ({
      answer: answers[at]?.text,
      sources: answers[at]?.sources.map(({ document }) => document),
      facts: verdicts[at]?.facts,
      of: verdicts[at]?.of,
      claims: verdicts[at]?.claims,
    }));
    return JSON.stringify({ id, sector, question, with: on, ...(off === undefined ? {} : { without: off }) });
  });
  writeFileSync(file, `${lines.join("\n")}\n`);
}
