import type { BatchOwner } from "./batches.ts";

/** What a line asks for, and for whom. */
export interface LineRequest {
  readonly body: object;
  readonly owner: BatchOwner;
}

/** As the endpoint would have answered over HTTP. */
export interface LineAnswer {
  readonly statusCode: number;
  readonly body: object;
  /** What failed is gone sooner or later (the engine is away or full): asking again makes sense after so many seconds. */
  readonly retryAfterS?: number;
}

/** A line whose sector is known. */
export interface PreparedLine {
  /** The adapter that will answer, or "" where none will: lines of one adapter follow each other. */
  readonly adapterId: string;
  /** @throws the signal's reason, and nothing else */
  answer(signal: AbortSignal): Promise<LineAnswer>;
}

/** Never throws for what a line holds: then the answer says what is wrong with it. */
export type PrepareLine = (request: LineRequest) => Promise<PreparedLine>;

/** A line of an error file for a request there was no time for, with its line end. @param id unique among all answers */
export function expiredLine(id: string, customId: string): string {
  const error = { code: "batch_expired", message: "This request could not be answered before the batch expired." };
  return `${JSON.stringify({ id: `batch_req_${id}`, custom_id: customId, response: null, error })}\n`;
}

/** A line of an output or error file, with its line end. @param id unique among all answers */
export function outputLine(id: string, customId: string, { statusCode, body }: LineAnswer): string {
  const response = { status_code: statusCode, request_id: id, body };
  return `${JSON.stringify({ id: `batch_req_${id}`, custom_id: customId, response, error: null })}\n`;
}
