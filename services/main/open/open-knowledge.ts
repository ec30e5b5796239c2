import { resolve } from "node:path";
import type { Logger } from "../../foundation/index.ts";
import type { Knowledge, SentenceRanker } from "../../retrieval/index.ts";
import { loadDocuments } from "../../retrieval/load-documents.ts";
import { createMemoryKnowledge } from "../../retrieval/memory-knowledge.ts";
import { createSentenceRanker } from "../../retrieval/sentence-ranker.ts";
import type { StemVectors } from "../../routing/index.ts";
import type { Sectors } from "../../settings/index.ts";
import { loadMeaning } from "./load-meaning.ts";

/**
 * The sectors' documents, searched in this process's memory, and what weighs their sentences.
 * @param stems the router's, by which words are compared in meaning; undefined: by the letter alone
 * @throws {KnowledgeFileError} a line cannot be used
 */
export function openKnowledge(
  folder: string,
  sectors: Sectors,
  stems: StemVectors | undefined,
  log: Logger,
): { readonly knowledge: Knowledge; readonly ranker: SentenceRanker } {
  const documents = loadDocuments(
    resolve(folder),
    sectors.all.map(({ id }) => id),
  );
  const covered = new Set(documents.map(({ sector }) => sector)).size;
  if (documents.length === 0) log.warn({ folder }, "knowledge-empty");
  else log.info({ documents: documents.length, sectors: covered }, "knowledge-loaded");
  const meaning = loadMeaning(stems);
  const knowledge = createMemoryKnowledge(documents, meaning);
  return { knowledge, ranker: createSentenceRanker(knowledge.rarity, meaning) };
}
