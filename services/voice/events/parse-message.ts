import { InvalidRequestError, PlatformError } from "../../foundation/index.ts";
import { isTree } from "./beta-names.ts";
import { fieldFault } from "./field-faults.ts";

export interface Refusal {
  readonly refusal: PlatformError;
  /** The message's own `event_id`, where it has one that can be read. */
  readonly eventId: string | null;
}

/** An object with a `type`; nothing else of it is checked yet. */
export type TypedMessage = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * One text message of a client, read. Never throws a refusal.
 * @param check makes of it what it is; may throw PlatformErrors
 */
export function parseMessage<T>(text: string, check: (message: TypedMessage) => T): { readonly value: T } | Refusal {
  let eventId: string | null = null;
  try {
    const sent = parseJson(text);
    if (!isTree(sent)) throw fieldFault("event", "must be an object");
    if (typeof sent["event_id"] === "string") eventId = sent["event_id"].slice(0, 512);
    if (typeof sent["type"] !== "string") throw fieldFault("type", "must be string");
    return { value: check(sent as TypedMessage) };
  } catch (thrown) {
    if (!(thrown instanceof PlatformError)) throw thrown;
    return { refusal: thrown, eventId };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidRequestError("The message is not valid JSON.", {
      code: "malformed_json",
      messageTr: "İleti geçerli JSON değil.",
    });
  }
}
