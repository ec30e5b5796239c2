import { EvalInputError } from "../input-error.ts";
import { type JsonLine, readLines, textField } from "../json-lines.ts";

export const outOfScope = "out_of_scope";

export interface RouterMessage {
  readonly text: string;
  /** A sector, or out_of_scope. */
  readonly sector: string;
  /** How it is written: easy, typo, spoken, … */
  readonly kind: string;
}

export interface RouterConversation {
  readonly id: string;
  readonly turns: readonly { readonly text: string; readonly sector: string }[];
}

/** `{"text","sector","kind"}` lines. @throws {EvalInputError} */
export function readRouterMessages(paths: readonly string[], sectors: readonly string[]): readonly RouterMessage[] {
  const known = new Set([...sectors, outOfScope]);
  const messages = readLines(paths, ({ value }) => {
    const text = textField(value, "text");
    const kind = textField(value, "kind");
    const sector = textField(value, "sector");
    if (text === undefined) return '"text" must be a non-empty string';
    if (sector === undefined || !known.has(sector)) return `"sector" is none of the sectors and not ${outOfScope}`;
    if (kind === undefined) return '"kind" must be a non-empty string';
    return { text, sector, kind };
  });
  if (messages.every((one) => one.sector === outOfScope))
    throw new EvalInputError(`${paths.join(", ")}: every message is out of scope, there is no sector to find`);
  return messages;
}

/** `{"id","turns":[{"text","sector"}]}` lines. @throws {EvalInputError} */
export function readRouterConversations(paths: readonly string[], sectors: readonly string[]): RouterConversation[] {
  const known = new Set([...sectors, outOfScope]);
  return readLines(paths, (line) => conversationOf(line, known));
}

function conversationOf({ value }: JsonLine, known: ReadonlySet<string>): RouterConversation | string {
  const id = textField(value, "id");
  const turns: unknown = value["turns"];
  if (id === undefined) return '"id" must be a non-empty string';
  if (!Array.isArray(turns) || turns.length === 0) return '"turns" must be a list of {text, sector}';
  const read: { text: string; sector: string }[] = [];
  for (const [at, turn] of turns.entries()) {
    const fields = (typeof turn === "object" && turn !== null ? turn : {}) as Record<string, unknown>;
    const text = textField(fields, "text");
    const sector = textField(fields, "sector");
    if (text === undefined) return `"turns"[${at}]: "text" must be a non-empty string`;
    if (sector === undefined || !known.has(sector))
      return `"turns"[${at}]: "sector" is none of the sectors and not ${outOfScope}`;
    read.push({ text, sector });
  }
  return { id, turns: read };
}
