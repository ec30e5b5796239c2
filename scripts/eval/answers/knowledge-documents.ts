import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { readLines, textField } from "../json-lines.ts";
import type { AnswerQuestion } from "./answer-questions.ts";
import { mentionsAny } from "./mentions.ts";

export interface KnowledgeDocument {
  readonly id: string;
  readonly sector: string;
  readonly text: string;
}

/** `<sector>.jsonl` files of `{"id","title","text"}` lines; [] when there is no folder. @throws {EvalInputError} */
export function readKnowledge(folder: string): KnowledgeDocument[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return files.sort().flatMap((file) =>
    readLines([join(folder, file)], ({ value }) => {
      const id = textField(value, "id");
      const text = textField(value, "text");
      if (id === undefined) return '"id" must be a non-empty string';
      if (text === undefined) return '"text" must be a non-empty string';
      return { id, sector: basename(file, ".jsonl"), text: `${textField(value, "title") ?? ""}. ${text}` };
    }),
  );
}

/**
 * The documents from which a question can be answered: those its line names, else those of its sector that state every fact it asks for.
 * Undefined: there is none to be found, so nothing can be said of the sources.
 */
export function rightDocuments(
  question: AnswerQuestion,
  knowledge: readonly KnowledgeDocument[],
): ReadonlySet<string> | undefined {
  if (question.documents !== undefined) return new Set(question.documents);
  if (question.mustMention.length === 0) return undefined;
  const able = knowledge.filter(
    ({ sector, text }) =>
      sector === question.sector && question.mustMention.every((wordings) => mentionsAny(text, wordings)),
  );
  return able.length === 0 ? undefined : new Set(able.map(({ id }) => id));
}
