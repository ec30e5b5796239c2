import { createCollection } from "./collection.ts";
import type { Knowledge, Passage } from "./knowledge.ts";
import { documentCounts, rarity, termCounts } from "./term-counts.ts";
import { contentWords } from "./terms.ts";

export interface KnowledgeDocument {
  readonly id: string;
  readonly sector: string;
  readonly title: string;
  readonly text: string;
  readonly source: string;
}

/** Agreement that scores one half. */
const halfway = 60;
/** A message may have thousands of words; the first ones say what it is about. */
const mostWords = 200;

/**
 * Knowledge in memory: BM25 over words, stems and letter groups. The same documents and question always give the same passages.
 * Of 176 held-out questions that rest on one of their sector's 16 documents, 77 % find it first and 88 % among the first two; a search
 * takes well under a millisecond (docs/eval/knowledge.md).
 */
export function createMemoryKnowledge(documents: readonly KnowledgeDocument[]): Knowledge {
  const ordered = [...documents].sort((a, b) => compare(a.id, b.id));
  const counted = new Map(ordered.map((document) => [document, termCounts(document.title, document.text)]));
  const everywhere = documentCounts([...counted.values()]);
  const rarityEverywhere = (term: string): number => rarity(everywhere.get(term) ?? 0, ordered.length);
  const collections = [...new Set(ordered.map(({ sector }) => sector))].map((sector) => {
    const own = ordered.filter((document) => document.sector === sector);
    const terms = own.map((document) => counted.get(document) ?? new Map<string, number>());
    return { sector, documents: own, collection: createCollection(terms, rarityEverywhere) };
  });

  return {
    search: async (query, { sector, limit }, signal) => {
      signal?.throwIfAborted();
      const words = [...new Set(contentWords(query))].slice(0, mostWords);
      const passages = collections
        .filter((one) => sector === null || one.sector === sector)
        .flatMap((one) => {
          const scores = one.collection.score(words);
          return one.documents.map((document, at) => passageOf(document, scores[at] ?? 0));
        });
      return passages
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score || compare(a.document, b.document))
        .slice(0, limit);
    },
  };
}

function passageOf({ id, title, text, source, sector }: KnowledgeDocument, agreement: number): Passage {
  const score = Math.round((agreement / (agreement + halfway)) * 1e4) / 1e4;
  return { document: id, title, text, source, sector, chunk: 0, score };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
