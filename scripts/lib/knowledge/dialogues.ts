import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What somebody asked and what was answered. */
export interface Exchange {
  readonly sector: string;
  readonly question: string;
  /** Without citations. */
  readonly answer: string;
  /** Every sixth line: measured by, never learnt from or chosen by. */
  readonly heldOut: boolean;
  /** The documents it rests on, or of a `-n` line those that do not answer; none: it rests on none. */
  readonly documents: readonly string[];
  /** False: the answer says that the documents hold none. */
  readonly answered: boolean;
}

/** The lines of datasets/dialogues, each question with its answer; the split is that of training/sektor_training/dialogues.py. */
export function readExchanges(folder: string): readonly Exchange[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .flatMap((file) =>
      readFileSync(join(folder, file), "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "")
        .flatMap((line, at) => exchangesOf(line, basename(file, ".jsonl"), at % 6 === 5)),
    );
}

function exchangesOf(line: string, sector: string, heldOut: boolean): readonly Exchange[] {
  const {
    id,
    documents = [],
    messages,
  } = JSON.parse(line) as {
    readonly id: string;
    readonly documents?: readonly string[];
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
  const answered = !/-n\d+$/.test(id);
  return messages.flatMap(({ role, content }, at) => {
    const reply = messages[at + 1];
    if (role !== "user" || reply?.role !== "assistant") return [];
    const answer = reply.content.replace(/\s*\[\d+\]/g, "");
    return [{ sector, question: content, answer, heldOut, documents, answered }];
  });
}

export const folds = [0, 1, 2, 3, 4] as const;

/** Which of the folds an exchange is judged in: by its first document, so that no fold knows a document of another. */
export function foldOf({ documents }: Pick<Exchange, "documents">): number {
  const letters = [...(documents[0] ?? "")];
  return letters.reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 7) % folds.length;
}
