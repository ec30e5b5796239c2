import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  InvalidSessionIdError,
  type OwnedSessionStore,
  SessionBusyError,
  type SessionMessage,
  SessionNotFoundError,
  type SessionStoreOptions,
} from "../../services/sessions/index.ts";

/** A store under test. Each one opened sees the same sessions as the others of its `open`. */
export interface StoreUnderTest {
  readonly store: OwnedSessionStore;
  /** Lets this much of every session's life pass, without waiting. */
  elapse(ms: number): Promise<void>;
}

let spoken = 0;
function message(content: string, more: Partial<SessionMessage> = {}): SessionMessage {
  spoken += 1;
  return { id: `m${spoken}`, role: "user", content, at: new Date(1_700_000_000_000 + spoken).toISOString(), ...more };
}

/** What every keeper of sessions promises. */
export function describeSessionStore(
  name: string,
  open: (options: SessionStoreOptions) => Promise<StoreUnderTest>,
): void {
  describe(name, () => {
    let opened: StoreUnderTest;
    let session = 0;
    let id = "";
    const openWith = async (options: Partial<SessionStoreOptions> = {}) => {
      opened = await open({ ttlS: 60, maxMessages: 200, turnWaitMs: 10_000, ...options });
      return opened.store;
    };
    beforeEach(() => {
      session += 1;
      id = `${name.toLowerCase().replace(/[^a-z]/g, "")}:session_${session}-a.b`;
    });
    afterEach(async () => {
      await opened.store[Symbol.asyncDispose]();
    });

    it("knows nothing of a session nobody wrote to", async () => {
      const store = await openWith();
      expect(await store.load(id)).toBeUndefined();
      expect(await store.delete(id)).toBe(false);
    });

    it("knows a user's sessions and nobody else's", async () => {
      const store = await openWith();
      const user = `ayşe-${id}`;
      const said = (userId: string | null) => ({ userId, sector: null, messages: [message("Merhaba")] });
      await store.append(`${id}1`, said(user));
      await store.append(`${id}2`, said(null));
      await store.append(`${id}2`, said(user));
      await store.append(`${id}3`, said("ali"));
      expect([...(await store.sessionsOf(user))].sort()).toEqual([`${id}1`, `${id}2`]);
      for (const one of await store.sessionsOf(user)) await store.delete(one);
      expect(await store.sessionsOf(user)).toEqual([]);
      expect((await store.load(`${id}3`))?.messages).toHaveLength(1);
    });

    it("gives messages back in the order they were appended, with every field", async () => {
      const store = await openWith();
      const question = message("Kredi kartı borcumu yapılandırmak istiyorum.");
      const answer = message("Tabii.", { role: "assistant", sector: "finance_banking", adapter: "finance_banking@1" });
      const next = message("Peki ne kadar sürer?", { sector: null });
      const opening = { owner: "key_1", userId: "ayşe", sector: "finance_banking" };
      await store.append(id, { ...opening, messages: [question, answer] });
      await store.append(id, { owner: "key_1", sector: null, messages: [next] });
      expect(await store.load(id)).toEqual({
        id,
        owner: "key_1",
        userId: "ayşe",
        sector: "finance_banking",
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        lastUsedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        summary: null,
        messages: [{ ...question, sector: null, adapter: null }, answer, { ...next, sector: null, adapter: null }],
      });
    });

    it.each([
      ["Turkish letters", "Şişli'de ığdır çayı içtim, İĞÜŞÖÇ ığüşöç — â î û"],
      ["emoji and other planes", "👩‍👩‍👧 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ✅"],
      ["quotes, backslashes and line ends", `"tek' \\ çift" \r\n\t \${x} $1 %s -- ; drop table sessions`],
      ["nothing at all", ""],
      ["100 000 characters", "ğ".repeat(100_000)],
    ])("keeps %s as they were said", async (_, content) => {
      const store = await openWith();
      await store.append(id, { sector: null, messages: [message(content)] });
      expect((await store.load(id))?.messages.map((kept) => kept.content)).toEqual([content]);
    });

    it("puts the replacement character where no database can keep what came", async () => {
      const store = await openWith();
      await store.append(id, { userId: "a\0b", sector: null, messages: [message("a\0b\uD800c😀")] });
      const loaded = await store.load(id);
      expect(loaded?.messages[0]?.content).toBe("a\uFFFDb\uFFFDc😀");
      expect(loaded?.userId).toBe("a\uFFFDb");
    });

    it("takes a new sector and a new user, and keeps the former ones when told none", async () => {
      const store = await openWith();
      await store.append(id, { userId: "a", sector: "legal", messages: [message("1")] });
      await store.append(id, { userId: null, sector: null, messages: [message("2")] });
      expect(await store.load(id)).toMatchObject({ userId: "a", sector: "legal" });
      await store.append(id, { userId: "b", sector: "energy", messages: [message("3")] });
      expect(await store.load(id)).toMatchObject({ userId: "b", sector: "energy" });
    });

    it("keeps a session for the key that opened it: another's turn finds none and changes nothing", async () => {
      const store = await openWith({ maxMessages: 2 });
      await store.append(id, { owner: "key_1", userId: "a", sector: "legal", messages: [message("1"), message("2")] });
      const before = await store.load(id);
      const other = { owner: "key_2", userId: "b", sector: "energy", messages: [message("3")] };
      await expect(store.append(id, other)).rejects.toThrow(SessionNotFoundError);
      await expect(store.append(id, { ...other, messages: [] })).rejects.toThrow(SessionNotFoundError);
      expect(await store.load(id)).toEqual(before);
      await store.append(id, { owner: null, sector: null, messages: [message("4")] });
      await store.append(id, { owner: "key_1", sector: null, messages: [message("5")] });
      expect(await store.load(id)).toMatchObject({ owner: "key_1", messages: [{ content: "4" }, { content: "5" }] });
    });

    it("gives a session that nobody owns to the first key that goes on with it", async () => {
      const store = await openWith();
      await store.append(id, { sector: null, messages: [message("1")] });
      expect((await store.load(id))?.owner).toBeNull();
      await store.append(id, { owner: "key_1", sector: null, messages: [message("2")] });
      expect(await store.load(id)).toMatchObject({ owner: "key_1", messages: [{ content: "1" }, { content: "2" }] });
      await expect(store.append(id, { owner: "key_2", sector: null, messages: [] })).rejects.toThrow(
        SessionNotFoundError,
      );
    });

    it("gives an id that two keys take at the same time to one of them, whole", async () => {
      const store = await openWith();
      const turn = (owner: string) => ({ owner, sector: null, messages: [message(owner), message(owner)] });
      const outcomes = await Promise.allSettled(["key_1", "key_2"].map((owner) => store.append(id, turn(owner))));
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      const session = await store.load(id);
      expect(session?.messages.map(({ content }) => content)).toEqual([session?.owner, session?.owner]);
    });

    it("gives an id to another key when the session's time is over, or it was deleted", async () => {
      const store = await openWith({ ttlS: 60 });
      const taken = (owner: string) => store.append(id, { owner, sector: null, messages: [message(owner)] });
      await taken("key_1");
      await opened.elapse(60_001);
      await taken("key_2");
      expect(await store.load(id)).toMatchObject({ owner: "key_2", messages: [{ content: "key_2" }] });
      await store.delete(id);
      await taken("key_3");
      expect(await store.load(id)).toMatchObject({ owner: "key_3", messages: [{ content: "key_3" }] });
    });

    it("keeps the newest summary with its session, through later turns", async () => {
      const store = await openWith();
      await store.append(id, { sector: null, messages: [message("1")] });
      const session = await store.load(id);
      if (session === undefined) throw new Error("It was just written.");
      expect(await store.keepSummary(session, { text: "ilk", until: "m1" })).toBe(true);
      expect(await store.keepSummary(session, { text: 'Ayşe\'nin "borcu" \0 😀', until: "m2" })).toBe(true);
      await store.append(id, { sector: null, messages: [message("2")] });
      const summary = { text: 'Ayşe\'nin "borcu" \uFFFD 😀', until: "m2" };
      expect(await store.load(id)).toMatchObject({ summary, messages: [{ content: "1" }, { content: "2" }] });
    });

    it("keeps no summary of a session that has ended, nor with the one that was begun under its id", async () => {
      const store = await openWith({ ttlS: 60 });
      await store.append(id, { sector: null, messages: [message("1")] });
      const session = await store.load(id);
      if (session === undefined) throw new Error("It was just written.");
      const summary = { text: "eski konuşma", until: "m1" };
      await store.keepSummary(session, summary);
      await opened.elapse(60_001);
      expect(await store.keepSummary(session, summary)).toBe(false);
      // Two sessions of one id are told apart by the millisecond they began in.
      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(session.createdAt)));
      await store.append(id, { sector: null, messages: [message("2")] });
      expect(await store.keepSummary(session, summary)).toBe(false);
      expect((await store.load(id))?.summary).toBeNull();
      await store.delete(id);
      expect(await store.keepSummary(session, summary)).toBe(false);
    });

    it("keeps the newest 200 messages", async () => {
      const store = await openWith();
      const all = Array.from({ length: 205 }, (_, place) => message(`${place}`));
      await store.append(id, { sector: null, messages: all.slice(0, 150) });
      await store.append(id, { sector: null, messages: all.slice(150) });
      const kept = (await store.load(id))?.messages.map(({ content }) => content);
      expect(kept).toEqual(all.slice(5).map(({ content }) => content));
    });

    it("keeps the newest of a turn that alone is too long", async () => {
      const store = await openWith({ maxMessages: 3 });
      await store.append(id, { sector: null, messages: [message("old")] });
      await store.append(id, { sector: null, messages: ["a", "b", "c", "d"].map((content) => message(content)) });
      expect((await store.load(id))?.messages.map(({ content }) => content)).toEqual(["b", "c", "d"]);
    });

    it("adds a turn once, however often it is appended", async () => {
      const store = await openWith();
      const turn = { sector: null, messages: [message("soru"), message("yanıt", { role: "assistant" })] };
      await store.append(id, { sector: null, messages: [message("önce")] });
      await store.append(id, turn);
      await store.append(id, turn);
      await store.append(id, { sector: null, messages: [...turn.messages, message("sonra"), ...turn.messages] });
      expect((await store.load(id))?.messages.map(({ content }) => content)).toEqual([
        "önce",
        "soru",
        "yanıt",
        "sonra",
      ]);
    });

    it("forgets a session left unused for its time to live", async () => {
      const store = await openWith({ ttlS: 60 });
      const said = message("eski");
      await store.append(id, { userId: "a", sector: "legal", messages: [said] });
      await opened.elapse(59_000);
      expect(await store.load(id)).toBeDefined();
      await opened.elapse(1_001);
      expect(await store.load(id)).toBeUndefined();
      expect(await store.delete(id)).toBe(false);
      await store.append(id, { sector: null, messages: [said] });
      expect(await store.load(id)).toMatchObject({ userId: null, sector: null, messages: [{ content: "eski" }] });
    });

    it("begins a session anew when one is written to after its time, without the old messages", async () => {
      const store = await openWith({ ttlS: 60 });
      const said = message("eski");
      await store.append(id, { userId: "a", sector: "legal", messages: [said, message("de")] });
      await opened.elapse(60_001);
      await store.append(id, { sector: null, messages: [said] });
      expect(await store.load(id)).toMatchObject({ userId: null, sector: null, messages: [{ content: "eski" }] });
      expect((await store.load(id))?.messages).toHaveLength(1);
    });

    it("loses nothing when the clock is set back, and counts the time to live from the last turn by the new clock", async () => {
      const store = await openWith({ ttlS: 60 });
      await store.append(id, { userId: "a", sector: "legal", messages: [message("1")] });
      await opened.elapse(-3_600_000);
      await store.append(id, { sector: null, messages: [message("2")] });
      await opened.elapse(59_000);
      expect(await store.load(id)).toMatchObject({ userId: "a", messages: [{ content: "1" }, { content: "2" }] });
      await opened.elapse(1_001);
      expect(await store.load(id)).toBeUndefined();
    });

    it("renews the time to live with every turn, and not by reading", async () => {
      const store = await openWith({ ttlS: 60 });
      await store.append(id, { sector: null, messages: [message("1")] });
      await opened.elapse(40_000);
      await store.append(id, { sector: null, messages: [message("2")] });
      await opened.elapse(40_000);
      expect((await store.load(id))?.messages).toHaveLength(2);
      await opened.elapse(20_001);
      expect(await store.load(id)).toBeUndefined();
    });

    it("deletes a session with its messages, and no other", async () => {
      const store = await openWith();
      await store.append(id, { userId: "a", sector: "legal", messages: [message("1")] });
      await store.append(`${id}2`, { sector: null, messages: [message("2")] });
      expect(await store.delete(id)).toBe(true);
      expect(await store.load(id)).toBeUndefined();
      expect((await store.load(`${id}2`))?.messages).toHaveLength(1);
      await store.append(id, { sector: null, messages: [message("3")] });
      expect(await store.load(id)).toMatchObject({ userId: null, messages: [{ content: "3" }] });
    });

    it("loses none of many turns appended at once", async () => {
      const store = await openWith();
      const all = Array.from({ length: 20 }, (_, place) => message(`${place}`));
      await Promise.all(all.map((one) => store.append(id, { sector: null, messages: [one] })));
      const kept = (await store.load(id))?.messages.map(({ content }) => content) ?? [];
      expect(kept.toSorted()).toEqual(all.map(({ content }) => content).toSorted());
    });

    it.each(["", "a b", "a/b", "é", "a\n", "a".repeat(129), "../x", "{x}"])("refuses the id %j", async (wrong) => {
      const store = await openWith();
      await expect(store.load(wrong)).rejects.toThrow(InvalidSessionIdError);
      await expect(store.append(wrong, { sector: null, messages: [] })).rejects.toThrow(InvalidSessionIdError);
      await expect(store.delete(wrong)).rejects.toThrow(InvalidSessionIdError);
      const summary = store.keepSummary({ id: wrong, createdAt: "2026-01-01T00:00:00.000Z" }, { text: "", until: "" });
      await expect(summary).rejects.toThrow(InvalidSessionIdError);
      await expect(store.withTurn(wrong, async () => 1)).rejects.toMatchObject({
        code: "invalid_session_id",
        status: 400,
      });
    });

    it("accepts an id of 128 characters", async () => {
      const store = await openWith();
      const long = `${id}${"x".repeat(128)}`.slice(0, 128);
      await store.append(long, { sector: null, messages: [message("1")] });
      expect((await store.load(long))?.id).toBe(long);
    });

    it("runs the turns of one session one after another, in the order they came", async () => {
      const store = await openWith();
      const log: string[] = [];
      const turn = (name: string) => () =>
        store.withTurn(id, async () => {
          log.push(`${name} begins`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          log.push(`${name} ends`);
          return name;
        });
      const answers = await Promise.all(["1", "2", "3"].map((name) => turn(name)()));
      expect(answers).toEqual(["1", "2", "3"]);
      expect(log).toEqual(["1", "2", "3"].flatMap((name) => [`${name} begins`, `${name} ends`]));
    });

    it("lets turns of different sessions run at once", async () => {
      const store = await openWith();
      expect(await store.withTurn(id, () => store.withTurn(`${id}2`, async () => "inside"))).toBe("inside");
    });

    it("goes on to the next turn when one fails", async () => {
      const store = await openWith();
      const failed = store.withTurn(id, () => Promise.reject(new Error("no")));
      await expect(failed).rejects.toThrow("no");
      expect(await store.withTurn(id, async () => 2)).toBe(2);
    });

    it("says the session is busy when the turn before takes too long", async () => {
      const store = await openWith({ turnWaitMs: 30 });
      await store.withTurn(id, async () => {
        const second = store.withTurn(id, async () => 2);
        await expect(second).rejects.toThrow(SessionBusyError);
        await expect(store.withTurn(id, async () => 3)).rejects.toMatchObject({
          code: "session_busy",
          status: 409,
          retryAfterS: 2,
        });
      });
      expect(await store.withTurn(id, async () => 4)).toBe(4);
    });

    it("says the session is busy when too many turns wait", async () => {
      const store = await openWith({ maxWaitingTurns: 1 });
      let openGate: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        openGate = resolve;
      });
      const running = store.withTurn(id, () => gate);
      const waiting = store.withTurn(id, async () => "waited");
      await expect(store.withTurn(id, async () => "never")).rejects.toThrow(SessionBusyError);
      openGate();
      await running;
      expect(await waiting).toBe("waited");
    });

    it("leaves the queue when the caller goes away", async () => {
      const store = await openWith();
      const leaving = new AbortController();
      await store.withTurn(id, async () => {
        const second = store.withTurn(id, async () => "never", leaving.signal);
        leaving.abort(new Error("gone"));
        await expect(second).rejects.toThrow("gone");
      });
      await expect(store.withTurn(id, async () => "never", leaving.signal)).rejects.toThrow("gone");
      expect(await store.withTurn(id, async () => 3)).toBe(3);
    });
  });
}
