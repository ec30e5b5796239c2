import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { foldTurkish, PlatformError } from "../../foundation/index.ts";
import { followUpClass, outOfScopeClass } from "../weights.ts";

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

export interface RoutingData {
  readonly examples: readonly RoutingExample[];
  readonly dialogues: readonly RoutingDialogue[];
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
      dialogues.push({ sector, userTurns: of("user"), assistantTurns: of("assistant") });
    }
  }
  if (faults.length > 0) throw new RoutingDataError(faults);
  return dialogues;
}

/** All of them; texts that also stand in the test split are left out of training, so that the test stays unseen. */
export function readTrainingData(
  folders: { train: string; test: string; dialogues: string },
  sectors: readonly string[],
): RoutingData {
  const tested = new Set(readExamples(folders.test, sectors).map((example) => sameText(example.text)));
  const unseen = (text: string) => !tested.has(sameText(text));
  const hash = createHash("sha256");
  for (const folder of [folders.train, folders.dialogues])
    for (const name of namesIn(folder)) hash.update(readFileSync(join(folder, name)));
  return {
    examples: readExamples(folders.train, sectors).filter((example) => unseen(example.text)),
    dialogues: readDialogues(folders.dialogues, sectors).filter((dialogue) => dialogue.userTurns.every(unseen)),
    sha256: hash.digest("hex"),
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

function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
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
