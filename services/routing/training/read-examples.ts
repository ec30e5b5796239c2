import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { foldTurkish, PlatformError } from "../../foundation/index.ts";
import { followUpClass, outOfScopeClass } from "../weights.ts";
import { sentencesOf } from "./sentences.ts";

/** Lines of the data cannot be used; `faults` names each as file:line. */
export class RoutingDataError extends PlatformError {
  override readonly name = "RoutingDataError";
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super({
      code: "routing_data_invalid",
      status: 500,
      message: `The routing data cannot be used:\n  ${faults.join("\n  ")}`,
    });
    this.faults = faults;
  }
}

export interface RoutingExample {
  readonly text: string;
  /** A sector, out_of_scope, or follow_up. */
  readonly sector: string;
  /** How it is written: easy, implicit, typo, spoken, … */
  readonly kind: string;
}

export interface RoutingDialogue {
  /** A sector, or "general". */
  readonly sector: string;
  readonly userTurns: readonly string[];
  readonly assistantTurns: readonly string[];
}

export interface ConversationTurn {
  readonly text: string;
  /** A sector or out_of_scope. */
  readonly sector: string;
}

/** User turns of one conversation, in order; the subject may change on the way. */
export interface LabelledConversation {
  readonly turns: readonly ConversationTurn[];
}

/** Words of a sector in nobody's voice. */
export interface SectorText {
  readonly text: string;
  readonly sector: string;
}

export interface RoutingData {
  readonly examples: readonly RoutingExample[];
  readonly dialogues: readonly RoutingDialogue[];
  readonly conversations: readonly LabelledConversation[];
  /** Of the knowledge documents, titles included. */
  readonly sentences: readonly SectorText[];
  /** Of the sectors' word lists. */
  readonly terms: readonly SectorText[];
  /** Of every byte read, in the order of the file names. */
  readonly sha256: string;
}

/**
 * `{"text","sector","kind"}` lines of every .jsonl file of a folder, in the order of the names; [] when there is no folder.
 * @throws {RoutingDataError} naming every fault at once: bad JSON, empty text, unknown sector, one text under two sectors
 */
export function readExamples(folder: string, sectors: readonly string[]): RoutingExample[] {
  const known = new Set([...sectors, outOfScopeClass, followUpClass]);
  const faults: string[] = [];
  const seen = new Map<string, { sector: string; where: string }>();
  const examples: RoutingExample[] = [];
  for (const { where, value } of jsonLines(folder, faults)) {
    const { text, sector, kind } = value as Partial<Record<string, unknown>>;
    if (typeof text !== "string" || text.trim() === "") faults.push(`${where}: "text" must not be empty`);
    else if (typeof sector !== "string" || !known.has(sector))
      faults.push(`${where}: "sector" is not one of the sectors or ${outOfScopeClass}`);
    else if (typeof kind !== "string" || kind === "")
      faults.push(`${where}: "kind" must say how the message is written`);
    else {
      const key = sameText(text);
      const twin = seen.get(key);
      if (twin === undefined) {
        seen.set(key, { sector, where });
        examples.push({ text, sector, kind });
      } else if (twin.sector !== sector) faults.push(`${where}: the same text is ${twin.sector} in ${twin.where}`);
    }
  }
  if (faults.length > 0) throw new RoutingDataError(faults);
  return examples;
}

/**
 * The training dialogues of a folder: every sixth of a sector's file is kept for measuring the model and is not read here.
 * @throws {RoutingDataError} naming every fault at once
 */
export function readDialogues(folder: string, sectors: readonly string[]): RoutingDialogue[] {
  const faults: string[] = [];
  const dialogues: RoutingDialogue[] = [];
  for (const { where, file, index, value } of jsonLines(folder, faults)) {
    const sector = file.slice(0, -".jsonl".length);
    // general.jsonl holds greetings, thanks and questions about the assistant: nothing a sector answers.
    if (!sectors.includes(sector) && sector !== "general") continue;
    const messages = (value as { messages?: unknown }).messages;
    if (!Array.isArray(messages) || !messages.every(isMessage))
      faults.push(`${where}: "messages" must be a list of {role, content}`);
    else if (index % 6 !== 5) {
      const of = (role: string) =>
        messages.filter((message) => message.role === role).map((message) => message.content);
      // Ids with -n are questions the documents do not answer: the assistant's refusal says nothing of the sector.
      const refused = /-n\d+$/u.test(String((value as { id?: unknown }).id));
      const assistantTurns = refused ? [] : of("assistant").map((text) => text.replace(/\s*\[\d+\]/gu, ""));
      dialogues.push({ sector, userTurns: of("user"), assistantTurns });
    }
  }
  if (faults.length > 0) throw new RoutingDataError(faults);
  return dialogues;
}

/**
 * `{"id","turns":[{"text","sector"}]}` lines of every .jsonl file of a folder; [] when there is no folder.
 * @throws {RoutingDataError} naming every fault at once
 */
export function readConversations(folder: string, sectors: readonly string[]): LabelledConversation[] {
  const known = new Set([...sectors, outOfScopeClass]);
  const faults: string[] = [];
  const conversations: LabelledConversation[] = [];
  for (const { where, value } of jsonLines(folder, faults)) {
    const { turns } = value as { turns?: unknown };
    const isTurn = (turn: unknown): turn is ConversationTurn => {
      const { text, sector } = (turn ?? {}) as Partial<Record<string, unknown>>;
      return typeof text === "string" && text.trim() !== "" && typeof sector === "string" && known.has(sector);
    };
    if (Array.isArray(turns) && turns.length > 0 && turns.every(isTurn))
      conversations.push({ turns: turns.map(({ text, sector }) => ({ text, sector })) });
    else faults.push(`${where}: "turns" must be a list of {text, sector}`);
  }
  if (faults.length > 0) throw new RoutingDataError(faults);
  return conversations;
}

/**
 * Titles and sentences of `<sector>.jsonl` knowledge documents `{"title","text"}`; files of no known sector are left out.
 * @throws {RoutingDataError} naming every fault at once
 */
export function readKnowledge(folder: string, sectors: readonly string[]): SectorText[] {
  const faults: string[] = [];
  const sentences: SectorText[] = [];
  for (const { where, file, value } of jsonLines(folder, faults)) {
    const sector = file.slice(0, -".jsonl".length);
    if (!sectors.includes(sector)) continue;
    const { title, text } = value as { title?: unknown; text?: unknown };
    if (typeof title !== "string" || typeof text !== "string")
      faults.push(`${where}: a document has a "title" and a "text"`);
    else for (const sentence of [title, ...sentencesOf(text)]) sentences.push({ text: sentence, sector });
  }
  if (faults.length > 0) throw new RoutingDataError(faults);
  return sentences;
}

/** `<sector>.txt` word lists, one term a line; files of no known sector are left out. */
export function readTerms(folder: string, sectors: readonly string[]): SectorText[] {
  return sectors.flatMap((sector) => {
    const file = join(folder, `${sector}.txt`);
    if (folder === "" || !existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.flatMap((line) => (line.trim() === "" ? [] : [{ text: line.trim(), sector }]));
  });
}

export interface TrainingFolders {
  readonly train: string;
  readonly dialogues: string;
  readonly conversations?: string;
  readonly knowledge?: string;
  readonly lexicon?: string;
}

/**
 * Everything the router learns from. Test splits are not read, not even to leave their texts out.
 * @param from the `datasets` folder, or its parts by name; a folder that is not there is empty
 * @throws {RoutingDataError} naming every fault of the first kind of file that has any
 */
export function readTrainingData(from: string | TrainingFolders, sectors: readonly string[]): RoutingData {
  const folders = typeof from === "string" ? foldersOf(from) : from;
  const { train, dialogues, conversations = "", knowledge = "", lexicon = "" } = folders;
  const hash = createHash("sha256");
  for (const folder of [train, dialogues, conversations, knowledge])
    for (const name of namesIn(folder, ".jsonl")) hash.update(readFileSync(join(folder, name)));
  for (const name of namesIn(lexicon, ".txt")) hash.update(readFileSync(join(lexicon, name)));
  return {
    examples: readExamples(train, sectors),
    dialogues: readDialogues(dialogues, sectors),
    conversations: readConversations(conversations, sectors),
    sentences: readKnowledge(knowledge, sectors),
    terms: readTerms(lexicon, sectors),
    sha256: hash.digest("hex"),
  };
}

function foldersOf(datasets: string): TrainingFolders {
  return {
    train: join(datasets, "routing/train"),
    dialogues: join(datasets, "dialogues"),
    conversations: join(datasets, "routing/conversations"),
    knowledge: join(datasets, "knowledge"),
    lexicon: join(datasets, "routing/lexicon"),
  };
}

function isMessage(value: unknown): value is { role: string; content: string } {
  const { role, content } = (value ?? {}) as { role?: unknown; content?: unknown };
  return typeof role === "string" && typeof content === "string";
}

/** Two texts a reader would call the same have one key; "?!" and emoji are their own. */
function sameText(text: string): string {
  return (
    foldTurkish(text)
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim() || text
  );
}

function namesIn(folder: string, ending = ".jsonl"): string[] {
  if (folder === "" || !existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort();
}

/** Every non-empty line of a folder as an object; `index` counts them within a file from 0. */
function* jsonLines(
  folder: string,
  faults: string[],
): Generator<{ where: string; file: string; index: number; value: object }> {
  for (const file of namesIn(folder)) {
    let index = 0;
    for (const [at, line] of readFileSync(join(folder, file), "utf8").split("\n").entries()) {
      if (line.trim() === "") continue;
      const where = `${join(folder, file)}:${at + 1}`;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        faults.push(`${where}: not JSON`);
        continue;
      }
      if (typeof value === "object" && value !== null) yield { where, file, index: index++, value };
      else faults.push(`${where}: not a JSON object`);
    }
  }
}
