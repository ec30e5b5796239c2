/** A file of JSON lines. Times are ISO 8601. */
export interface BatchFile {
  readonly id: string;
  /** `batch`: uploaded; `batch_output`: written by a batch. */
  readonly purpose: "batch" | "batch_output";
  readonly filename: string;
  readonly bytes: number;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface FilePage {
  readonly purpose?: BatchFile["purpose"];
  /** Id of the last file of the page before. */
  readonly after?: string;
  /** 1–10 000 */
  readonly limit: number;
  readonly order: "asc" | "desc";
}

/** A key's files; `keyId` null: where no key is asked for. Everything throws the database's errors. */
export interface BatchFiles {
  /**
   * Takes an upload in as it comes. Nobody sees it until it is kept; what is not kept within an hour is forgotten.
   * @returns its id
   * @throws {TooManyFilesError} @throws {FileTooLargeError} too many bytes or lines, or one line is too long
   * @throws {FileRefusedError} it is not UTF-8 text
   */
  receive(keyId: string | null, source: AsyncIterable<Uint8Array>): Promise<string>;
  /** @param expiresAfterS absent: as long as the settings say @throws {FileNotFoundError} it was not received, or is kept already */
  keep(id: string, facts: { readonly filename: string; readonly expiresAfterS?: number }): Promise<BatchFile>;
  /** Forgets what was received and is not to be kept. */
  discard(id: string): Promise<void>;
  /** @throws {FileNotFoundError} */
  get(id: string, keyId: string | null): Promise<BatchFile>;
  list(
    keyId: string | null,
    page: FilePage,
  ): Promise<{ readonly files: readonly BatchFile[]; readonly hasMore: boolean }>;
  /** Exactly what was uploaded, in pieces. @throws {FileNotFoundError} when the first piece is asked for */
  content(id: string, keyId: string | null): AsyncGenerator<string>;
  /** @throws {FileNotFoundError} */
  delete(id: string, keyId: string | null): Promise<void>;
}
