import { resolve } from "node:path";
import type { Logger } from "../foundation/index.ts";
import type { Knowledge } from "../retrieval/index.ts";
import { loadDocuments } from "../retrieval/load-documents.ts";
import { createMemoryKnowledge } from "../retrieval/memory-knowledge.ts";
import type { Sectors } from "../settings/index.ts";

/** The sectors' documents, searched in this process's memory. @throws {KnowledgeFileError} a line cannot be used */
export function openKnowledge(folder: string, sectors: Sectors, log: Logger): Knowledge {
  const documents = loadDocuments(
    resolve(folder),
    sectors.all.map(({ id }) => id),
  );
  const covered = new Set(documents.map(({ sector }) => sector)).size;
  if (documents.length === 0) log.warn({ folder }, "knowledge-empty");
  else log.info({ documents: documents.length, sectors: covered }, "knowledge-loaded");
  return createMemoryKnowledge(documents);
}
