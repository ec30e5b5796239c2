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

/** Postgres refuses NUL, and half a surrogate pair has no UTF-8: both become the replacement character, in every store alike. */
export function storable<Text extends string | null>(text: Text): Text {
  return (text === null ? null : text.replaceAll("\0", "\uFFFD").replace(/\p{Surrogate}/gu, "\uFFFD")) as Text;
}
