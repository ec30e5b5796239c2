import { describe, expect, it } from "vitest";
import { createKeepTurn, type KeepTurnParts, type KeptReply } from "../../../services/conversation/index.ts";
import { SessionNotFoundError, SessionsUnavailableError } from "../../../services/sessions/index.ts";
import { createMemorySessionStore } from "../../../services/sessions/memory-session-store.ts";

const reply: KeptReply = {
  sessionId: "s",
  messageId: "m",
  routing: { sector: "legal", confidence: 0.9, routedBy: "router", alternatives: [], ms: 1 },
  adapter: { id: "legal@1", name: "legal", version: "1" },
  response: "Tabii, hemen",
};

function desk(sessions: KeepTurnParts["sessions"] = createMemorySessionStore({ ttlS: 60, maxMessages: 10 })) {
  const kept: string[] = [];
  const keepTurn = createKeepTurn({
    sessions,
    newId: () => "u",
    nowIso: () => "2026-01-01T00:00:00.000Z",
    onKept: (id) => kept.push(id),
  });
  return { keepTurn, kept };
}

describe("a turn that was taken to be forgotten", () => {
  it("can still be kept, with as much of its reply as was heard", async () => {
    const sessions = createMemorySessionStore({ ttlS: 60, maxMessages: 10 });
    const { keepTurn, kept } = desk(sessions);
    expect(await keepTurn({ message: "legal soru", owner: "key", userId: "ayşe" }, reply)).toBe(true);
    expect(await sessions.load("s")).toMatchObject({
      owner: "key",
      userId: "ayşe",
      sector: "legal",
      messages: [
        { id: "u", role: "user", content: "legal soru" },
        { id: "m", role: "assistant", content: "Tabii, hemen", sector: "legal", adapter: "legal@1" },
      ],
    });
    expect(kept).toEqual(["s"]);
  });

  it("is not kept while sessions are out of reach, and says so where that is its first", async () => {
    const away = { append: () => Promise.reject(new SessionsUnavailableError()) };
    const { keepTurn, kept } = desk(away);
    expect(await keepTurn({ message: "soru" }, reply)).toBe(false);
    await expect(keepTurn({ message: "soru", sessionId: "s" }, reply)).rejects.toThrow(SessionsUnavailableError);
    expect(kept).toEqual([]);
  });

  it("does not join another key's session", async () => {
    const theirs = { append: () => Promise.reject(new SessionNotFoundError()) };
    await expect(desk(theirs).keepTurn({ message: "soru" }, reply)).rejects.toThrow(SessionNotFoundError);
  });
});
