export { KnowledgeFileError } from "./errors.ts";
export type { Knowledge, Passage, SearchScope } from "./knowledge.ts";
