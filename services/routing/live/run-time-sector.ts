import { foldTurkish } from "../../foundation/index.ts";
import type { Sector } from "../../settings/index.ts";
import { SectorInvalidError } from "./errors.ts";

/** A sector that was not there when the process started: what sectors.yaml says of one, and the messages it is recognised by. */
export interface RunTimeSector extends Sector {
  /** NFC, trimmed, no two alike. */
  readonly examples: readonly string[];
}

export interface NewSector {
  readonly id: string;
  readonly name: { readonly tr: string; readonly en?: string };
  readonly systemPrompt?: string;
  /** 0–1; below this calibrated probability the sector is not chosen. */
  readonly threshold?: number;
  readonly examples: readonly string[];
}

export const exampleLimits = { fewest: 30, most: 2000, characters: 1000, differentWords: 20 } as const;

const idPattern = /^[a-z][a-z0-9_]{0,63}$/;
/** Ids that mean something else where a sector's id is expected. */
const reserved = new Set(["auto", "none", "all", "general", "base", "out_of_scope", "follow_up"]);

/** @throws {SectorInvalidError} naming the first fault */
export function readSector(given: NewSector): RunTimeSector {
  const { id, name, threshold } = given;
  if (!idPattern.test(id) || reserved.has(id)) {
    throw new SectorInvalidError({
      en: "id must be snake_case (a-z, 0-9, _), start with a letter, have at most 64 characters, and be no reserved word.",
      tr: "id küçük harf, rakam ve _ içermeli, harfle başlamalı, en çok 64 karakter olmalı ve ayrılmış bir sözcük olmamalı.",
      param: "id",
    });
  }
  const tr = name.tr.normalize("NFC").trim();
  if (tr === "")
    throw new SectorInvalidError({ en: "name.tr must not be empty.", tr: "name.tr boş olamaz.", param: "name" });
  const en = name.en?.normalize("NFC").trim() || tr;
  const prompt = given.systemPrompt?.normalize("NFC").trim();
  return {
    id,
    name: { tr, en },
    systemPrompt: prompt || `Sen ${foldTurkish(tr)} konusunda yardımcı olan bir Türkçe asistansın.`,
    ...(threshold === undefined ? {} : { threshold }),
    examples: readExampleTexts(given.examples),
  };
}

/**
 * What the training gets to see: NFC, trimmed, each text once (letter case, punctuation and spaces make no other text).
 * @throws {SectorInvalidError} too few or too many are left, one is too long, or all say the same
 */
export function readExampleTexts(given: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  for (const [at, raw] of given.entries()) {
    const text = raw.normalize("NFC").trim();
    const key = keyOf(text);
    if (key === "") continue;
    if (text.length > exampleLimits.characters) {
      throw new SectorInvalidError({
        en: `Example ${at + 1} has ${text.length} characters; ${exampleLimits.characters} are allowed.`,
        tr: `${at + 1}. örnek ${text.length} karakter; en çok ${exampleLimits.characters} karakter olabilir.`,
        param: "examples",
      });
    }
    if (!seen.has(key)) seen.set(key, text);
  }
  const texts = [...seen.values()];
  if (texts.length < exampleLimits.fewest || texts.length > exampleLimits.most) {
    throw new SectorInvalidError({
      en: `${texts.length} different examples; ${exampleLimits.fewest} to ${exampleLimits.most} are needed.`,
      tr: `Birbirinden farklı ${texts.length} örnek var; en az ${exampleLimits.fewest}, en çok ${exampleLimits.most} örnek gerekir.`,
      param: "examples",
    });
  }
  const words = new Set([...seen.keys()].flatMap((key) => key.split(" ")));
  if (words.size < exampleLimits.differentWords) {
    throw new SectorInvalidError({
      en: `The examples hold ${words.size} different words; at least ${exampleLimits.differentWords} are needed.`,
      tr: `Örneklerde ${words.size} farklı sözcük var; en az ${exampleLimits.differentWords} gerekir.`,
      param: "examples",
    });
  }
  return texts;
}

function keyOf(text: string): string {
  return foldTurkish(text)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
