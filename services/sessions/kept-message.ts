import { storable } from "../foundation/index.ts";
import type { SessionMessage } from "./session-store.ts";

/** A message with every field there, as stores keep it and give it back. */
export type KeptMessage = Required<SessionMessage>;

/** The messages as they are kept, each id once. */
export function keptMessages(messages: readonly SessionMessage[]): KeptMessage[] {
  const byId = new Map<string, KeptMessage>();
  for (const message of messages.map(keptMessage)) if (!byId.has(message.id)) byId.set(message.id, message);
  return [...byId.values()];
}

function keptMessage({ id, role, content, at, sector, adapter }: SessionMessage): KeptMessage {
  return {
    id: storable(id),
    role,
    content: storable(content),
    at,
    sector: storable(sector ?? null),
    adapter: storable(adapter ?? null),
  };
}
