/** The promise of the room: pieces of documents that bear on a question. */

/** A piece of a document, short enough to stand in a prompt. */
export interface Passage {
  /** Id of the document. */
  readonly document: string;
  readonly title: string;
  readonly text: string;
  /** Where the document has it from: a law and its article, a handbook. For people, not an address. */
  readonly source: string;
  /** The sector whose collection the document belongs to. */
  readonly sector: string;
  /** Which piece of the document, from 0. */
  readonly chunk: number;
  /** 0–1, higher is closer; comparable between questions, but no probability. */
  readonly score: number;
}

export interface SearchScope {
  /** Null: the collections of all sectors. A sector without documents finds nothing. */
  readonly sector: string | null;
  /** Most passages wanted, at least 1. */
  readonly limit: number;
}

export interface Knowledge {
  /**
   * Best first; equal scores in order of document id, so that the same question always gets the same answer.
   * Whoever asks decides below which score a passage is not used.
   */
  search(query: string, scope: SearchScope, signal?: AbortSignal): Promise<readonly Passage[]>;
}
