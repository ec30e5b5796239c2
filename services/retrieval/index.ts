export { AnswerWordsError, KnowledgeFileError } from "./errors.ts";
export type { Knowledge, Passage, SearchScope } from "./knowledge.ts";
export type { Meaning, WordDirection } from "./meaning.ts";
export type { RankedSentence, SentenceRanker } from "./sentence-ranker.ts";
