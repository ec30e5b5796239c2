import type { ClientEvent, Refusal, ServerEvent } from "../events/index.ts";

/** What one message of a client comes to. */
export type Said = { readonly events: readonly ClientEvent[] } | { readonly audio: Uint8Array } | Refusal;

/** How a session's events look on the wire; one for each socket. */
export interface WireProtocol {
  /** Never throws. */
  read(message: Buffer, isBinary: boolean): Said;
  /** @returns the messages to send, in order; text or bytes */
  write(event: ServerEvent): readonly (string | Uint8Array)[];
}
