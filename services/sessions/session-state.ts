import { storable } from "../foundation/index.ts";
import { type KeptMessage, keptMessages } from "./kept-message.ts";
import { assertOwnSession } from "./session-owner.ts";
import type { Session, SessionSummary, SessionTurn } from "./session-store.ts";

/** What is known of a living session, for keepers that hold it in memory. */
export interface SessionState {
  readonly owner: string | null;
  readonly userId: string | null;
  readonly sector: string | null;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly summary: SessionSummary | null;
  readonly messages: readonly KeptMessage[];
}

/**
 * The session after a turn.
 * @param former undefined when there was none, or its time was over
 * @throws {SessionNotFoundError} it is another key's
 */
export function afterTurn(
  former: SessionState | undefined,
  turn: SessionTurn,
  atMs: number,
  maxMessages: number,
): SessionState {
  assertOwnSession(former, turn.owner);
  const messages = [...(former?.messages ?? [])];
  for (const message of keptMessages(turn.messages)) {
    if (!messages.some((known) => known.id === message.id)) messages.push(message);
  }
  return {
    owner: former?.owner ?? turn.owner ?? null,
    userId: storable(turn.userId ?? null) ?? former?.userId ?? null,
    sector: storable(turn.sector) ?? former?.sector ?? null,
    createdAtMs: former?.createdAtMs ?? atMs,
    lastUsedAtMs: atMs,
    summary: former?.summary ?? null,
    messages: messages.slice(-maxMessages),
  };
}

/** As a keeper keeps it. */
export function keptSummary({ text, until }: SessionSummary): SessionSummary {
  return { text: storable(text), until: storable(until) };
}

export function toSession(id: string, { createdAtMs, lastUsedAtMs, ...facts }: SessionState): Session {
  return { id, ...facts, createdAt: iso(createdAtMs), lastUsedAt: iso(lastUsedAtMs) };
}

export function fromSession({ id: _, createdAt, lastUsedAt, messages, ...facts }: Session): SessionState {
  return {
    ...facts,
    createdAtMs: Date.parse(createdAt),
    lastUsedAtMs: Date.parse(lastUsedAt),
    messages: keptMessages(messages),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
