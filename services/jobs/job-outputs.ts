/** What jobs make that is too long for a queue: text, kept as long as the job itself. */
export interface JobOutputs {
  /**
   * Replaces what an earlier attempt of the job wrote; it is to be read when all of it is kept.
   * @param pieces joined to parts of about 256 KiB
   * @param keepMs from now on
   * @returns its length in UTF-8
   * @throws the signal's reason
   */
  write(jobId: string, pieces: AsyncIterable<string>, keepMs: number, signal: AbortSignal): Promise<number>;
  /** Part by part; nothing where there is none, or no longer. */
  read(jobId: string): AsyncIterable<string>;
}
