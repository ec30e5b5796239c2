import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Static, Type } from "typebox";
import { firstFault } from "../foundation/index.ts";
import { KnowledgeFileError } from "./errors.ts";
import type { KnowledgeDocument } from "./memory-knowledge.ts";

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "\\S" });
const Line = Type.Object(
  {
    id: text(128),
    title: text(300),
    text: text(4000),
    questions: Type.Optional(Type.Array(text(300), { maxItems: 32 })),
    source: text(1000),
  },
  { additionalProperties: false },
);

/**
 * The documents of a folder: `<sector>.jsonl`, one document a line. Other files are left alone; a folder that is not there holds none.
 * @param sectors ids a file may be named after
 * @throws {KnowledgeFileError} naming file and line of the first fault
 */
export function loadDocuments(folder: string, sectors: readonly string[]): readonly KnowledgeDocument[] {
  if (!existsSync(folder)) return [];
  const places = new Map<string, string>();
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .flatMap((file) => {
      const sector = basename(file, ".jsonl");
      if (!sectors.includes(sector)) throw new KnowledgeFileError(file, `there is no sector "${sector}"`);
      return readFileSync(join(folder, file), "utf8")
        .split("\n")
        .map((line, at) => ({ line, place: `${file}:${at + 1}` }))
        .filter(({ line }) => line.trim() !== "")
        .map(({ line, place }) => {
          const document = parseLine(line, place);
          const earlier = places.get(document.id);
          if (earlier !== undefined)
            throw new KnowledgeFileError(place, `the id "${document.id}" stands in ${earlier} already`);
          places.set(document.id, place);
          return { ...document, sector };
        });
    });
}

function parseLine(line: string, place: string): Static<typeof Line> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new KnowledgeFileError(place, "is not JSON");
  }
  const fault = firstFault(Line, value);
  if (fault !== undefined) throw new KnowledgeFileError(place, `${fault.instancePath} ${fault.message}`.trim());
  return value as Static<typeof Line>;
}
