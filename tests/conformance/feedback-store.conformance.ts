import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabaseFeedbackStore } from "../../services/feedback/database-feedback-store.ts";
import {
  type Feedback,
  type FeedbackStore,
  readJudgedReplies,
  readRatedReplies,
  type TrainingPair,
} from "../../services/feedback/index.ts";
import { insertRequests } from "../../services/records/insert-requests.ts";
import type { Database } from "../../services/storage/index.ts";
import { requestRow } from "../support/request-row.ts";

export function feedbackWith(more: Partial<Feedback> = {}): Feedback {
  return {
    sessionId: null,
    messageId: null,
    userId: "ayşe",
    sector: null,
    rating: 4,
    comment: null,
    issues: [],
    suggestions: [],
    pilotGroup: null,
    expectedSector: null,
    message: null,
    trainingOptOut: false,
    ...more,
  };
}

/** What feedback kept in a database promises, whichever keeper the database has. */
export function describeFeedbackStore(name: string, open: () => Promise<Database>): void {
  describe(name, () => {
    const folder = mkdtempSync(join(tmpdir(), "sektor-examples-"));
    const examplesFolder = join(folder, "routing");
    let database: Database;
    let store: FeedbackStore;
    let nowMs = 0;
    let ids = 0;
    beforeAll(async () => {
      database = await open();
    }, 120_000);
    beforeEach(async () => {
      await database.query("truncate feedback, routing_examples, requests");
      rmSync(examplesFolder, { recursive: true, force: true });
      nowMs = Date.parse("2026-01-05T10:00:00Z");
      store = createDatabaseFeedbackStore(database, { examplesFolder, newId: () => `f${++ids}`, nowMs: () => nowMs });
    });
    afterAll(async () => {
      await database?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const add = (more: Partial<Feedback> = {}, text?: string, owner: string | null = null) =>
      store.add(feedbackWith(more), text === undefined ? undefined : { text, owner });
    const request = (id: string, more: Parameters<typeof requestRow>[1] = {}) =>
      insertRequests(database, [requestRow(id, more)]);
    const page = { limit: 50 };
    const everything = async () => (await store.list({}, page)).items;
    async function pairs(filter: Parameters<FeedbackStore["trainingPairs"]>[0] = {}): Promise<TrainingPair[]> {
      const found: TrainingPair[] = [];
      for await (const pair of store.trainingPairs(filter)) found.push(pair);
      return found;
    }
    const fileOf = (sector: string) => {
      const path = join(examplesFolder, `${sector}.jsonl`);
      return existsSync(path) ? readFileSync(path, "utf8") : "";
    };

    it("knows which reply a rating is about, for the metrics, and what the sender named where it knows none", async () => {
      await request("r", { messageId: "m", sector: "legal", adapter: "legal@3" });
      const known = await add({ messageId: "m", rating: 5 });
      const unknown = await add({ sector: "insurance", rating: 2 });
      expect(await readRatedReplies(database, [known.id, unknown.id, "nobody's"])).toEqual(
        expect.arrayContaining([
          { id: known.id, sector: "legal", adapter: "legal@3", rating: 5 },
          { id: unknown.id, sector: "insurance", adapter: null, rating: 2 },
        ]),
      );
    });

    it("counts how often a reply was good, by adapter, and how often the platform chose a wrong sector", async () => {
      const routed = { sector: "legal", adapter: "legal@3", routedBy: "router" };
      for (const [id, more] of [
        ["a", routed],
        ["b", routed],
        ["c", { ...routed, routedBy: "session" }],
        ["d", { ...routed, routedBy: "request" }],
        ["e", { sector: null, adapter: null, routedBy: "fallback" }],
      ] as const)
        await request(id, { messageId: `m-${id}`, ...more });
      await add({ messageId: "m-a", rating: 5 });
      await add({ messageId: "m-b", rating: 2, expectedSector: "insurance" });
      await add({ messageId: "m-c", rating: 4 });
      // Where the caller chose the sector, nobody but the caller was wrong.
      await add({ messageId: "m-d", rating: 3, issues: [{ category: "wrong_sector", text: "" }] });
      await add({ messageId: "m-e", rating: 1, expectedSector: "legal" });
      await add({ sector: "legal", rating: 1, expectedSector: "insurance" });
      expect(await readJudgedReplies(database, "2026-01-01T00:00:00Z")).toEqual({
        routing: { judged: 4, wrong: 2 },
        adapters: [{ sector: "legal", adapter: "legal@3", rated: 4, good: 2 }],
      });
      expect(await readJudgedReplies(database, "2026-01-06T00:00:00Z")).toEqual({
        routing: { judged: 0, wrong: 0 },
        adapters: [],
      });
    });

    it("gives back what it was given, beside the request it is about", async () => {
      await request("r", { messageId: "m" });
      const given = feedbackWith({
        messageId: "m",
        sessionId: "s",
        sector: "energy",
        rating: 2,
        comment: "Eksik 'yanıt'; drop table feedback; -- \u202e",
        issues: [{ category: "incomplete", text: "yarım" }],
        suggestions: ["Kısa yazın"],
        pilotGroup: "A",
      });
      const { id, at, isNew } = await store.add(given);
      expect(isNew).toBe(true);
      const { message: _, ...kept } = given;
      const beside = { id: "r", sector: "legal", adapter: "legal@1", routedBy: "router", confidence: 0.9 };
      expect(await everything()).toEqual([{ ...kept, id, at, request: beside }]);
      expect(at).toBe("2026-01-05T10:00:00.000Z");
    });

    it("finds the request that comes later, and the last one of a session before a feedback without a message", async () => {
      await request("old", { sessionId: "s", at: "2026-01-05T09:00:00Z" });
      await request("last", { sessionId: "s", at: "2026-01-05T09:59:00Z" });
      await request("after", { sessionId: "s", at: "2026-01-05T10:01:00Z" });
      await add({ sessionId: "s" });
      await add({ messageId: "late" });
      await request("late", { messageId: "late" });
      expect((await everything()).map((one) => one.request?.id)).toEqual(["late", "last"]);
    });

    it("counts a feedback with a key once, also when many come at the same time", async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => add({}, "k")));
      expect(new Set(all.map(({ id, at }) => `${id} ${at}`)).size).toBe(1);
      expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
      expect(await add({}, "k")).toEqual({ ...all[0], isNew: false });
      expect(await everything()).toHaveLength(1);
    });

    it("refuses a key that stands for another feedback", async () => {
      await add({ rating: 1 }, "k");
      await expect(add({ rating: 2 }, "k")).rejects.toMatchObject({ code: "idempotency_key_reused", status: 422 });
      expect(await everything()).toHaveLength(1);
    });

    it("finds the first feedback of a key without reading the others", async () => {
      await add({ rating: 1 }, "k", "key_1");
      const asked: [sql: string, params: readonly unknown[]][] = [];
      const query: Database["query"] = (sql, params = []) => {
        asked.push([sql, params]);
        return database.query(sql, params);
      };
      const watched = createDatabaseFeedbackStore({ ...database, query }, { examplesFolder, newId: () => "again" });
      await watched.add(feedbackWith({ rating: 1 }), { text: "k", owner: "key_1" });
      const [sql, params] = asked.at(-1) ?? ["", []];
      const plan = await database.transaction(async (tx) => {
        // So few rows are read whole, unless that is made dear.
        await tx.query("set local enable_seqscan = off");
        return JSON.stringify((await tx.query(`explain ${sql}`, params)).rows);
      });
      expect(plan).toContain("feedback_idempotency");
      expect(plan).toMatch(/Index Cond: [^"]*COALESCE/i);
      expect(plan).not.toContain("Seq Scan on feedback");
    });

    it("lets two senders choose the same key", async () => {
      const senders = [null, "key_1", "key_2"];
      const all = await Promise.all(senders.map((owner, n) => add({ rating: n + 1 }, "k", owner)));
      expect(all.map(({ isNew }) => isNew)).toEqual([true, true, true]);
      for (const [n, owner] of senders.entries())
        expect(await add({ rating: n + 1 }, "k", owner)).toEqual({ ...all[n], isNew: false });
      await expect(add({ rating: 3 }, "k", "key_1")).rejects.toMatchObject({ code: "idempotency_key_reused" });
      expect(await everything()).toHaveLength(3);
    });

    it("keeps its neighbours when the database refuses one", async () => {
      const all = await Promise.allSettled([add(), add({ rating: 9 }), add(), add({ comment: "\0\ud800" })]);
      expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
      expect(await everything()).toHaveLength(3);
    });

    it("lists page by page, newest first, while others add", async () => {
      const added: string[] = [];
      for (let n = 0; n < 5; n++) added.unshift((await add()).id);
      const first = await store.list({}, { limit: 2 });
      await add();
      const second = await store.list({}, { limit: 2, after: first.next ?? "" });
      const third = await store.list({}, { limit: 2, after: second.next ?? "" });
      expect([...first.items, ...second.items, ...third.items].map(({ id }) => id)).toEqual(added);
      expect(third.next).toBeNull();
      await expect(store.list({}, { limit: 2, after: "x" })).rejects.toMatchObject({ status: 400, param: "after" });
    });

    it("narrows by every field of the filter", async () => {
      await request("r", { messageId: "m" });
      nowMs = Date.parse("2026-01-04T10:00:00Z");
      await add({ sector: "energy", rating: 1, userId: "ali", pilotGroup: "B" });
      nowMs = Date.parse("2026-01-05T10:00:00Z");
      const { id } = await add({
        messageId: "m",
        sessionId: "s",
        pilotGroup: "A",
        issues: [{ category: "slow", text: "" }],
      });
      const filters = [
        { sector: "legal" },
        { adapter: "legal@1" },
        { userId: "ayşe" },
        { sessionId: "s" },
        { pilotGroup: "A" },
        { category: "slow" },
        { minRating: 2 },
        { since: "2026-01-05T00:00:00Z" },
      ];
      for (const filter of filters) {
        expect(
          (await store.list(filter, page)).items.map((one) => one.id),
          JSON.stringify(filter),
        ).toEqual([id]);
      }
      for (const filter of [{ maxRating: 1 }, { until: "2026-01-05T00:00:00Z" }, { sector: "energy" }]) {
        expect((await store.list(filter, page)).items.map((one) => one.userId)).toEqual(["ali"]);
      }
    });

    it("reports by sector, adapter version and week, with issues and suggestions", async () => {
      await request("r", { messageId: "m" });
      nowMs = Date.parse("2026-01-04T23:59:59Z");
      await add({ sector: "energy", rating: 1, issues: [{ category: "slow", text: "çok bekledim" }] });
      nowMs = Date.parse("2026-01-05T00:00:00Z");
      await add({ messageId: "m", rating: 5, suggestions: ["Kısa yazın.", "İyi"] });
      await add({
        messageId: "m",
        rating: 4,
        suggestions: ["KISA  YAZIN"],
        issues: [
          { category: "slow", text: "" },
          { category: "slow", text: "çok bekledim" },
        ],
      });
      const report = await store.report({});
      expect(report.total).toMatchObject({ count: 3, mean: 10 / 3, histogram: [1, 0, 0, 1, 1] });
      expect(report.sectors.map(({ sector, count, mean }) => [sector, count, mean])).toEqual([
        ["legal", 2, 4.5],
        ["energy", 1, 1],
      ]);
      expect(report.adapters.map(({ adapter, count }) => [adapter, count])).toEqual([
        ["legal@1", 2],
        [null, 1],
      ]);
      expect(report.weeks.map(({ week, count }) => [week, count])).toEqual([
        ["2025-12-29", 1],
        ["2026-01-05", 2],
      ]);
      expect(report.issues).toEqual([{ category: "slow", count: 3, examples: ["çok bekledim"] }]);
      expect(report.suggestions).toEqual([
        { text: "KISA  YAZIN", count: 2 },
        { text: "İyi", count: 1 },
      ]);
      expect((await store.report({ sector: "energy" })).total.count).toBe(1);
      expect((await store.report({ sector: "insurance" })).total).toMatchObject({ count: 0, mean: null });
    });

    it("exports well-rated replies whose texts were kept, oldest first", async () => {
      for (let n = 0; n < 450; n++) {
        await request(`r${n}`, { messageId: `m${n}`, message: `soru ${n}`, ...(n === 7 ? { reply: null } : {}) });
      }
      await Promise.all(Array.from({ length: 450 }, (_, n) => add({ messageId: `m${n}`, rating: n === 3 ? 3 : 5 })));
      const found = await pairs({ minRating: 4 });
      expect(found).toHaveLength(448);
      expect(found[0]).toEqual({
        id: expect.stringMatching(/^f/),
        messages: [
          { role: "user", content: "soru 0" },
          { role: "assistant", content: "Otuz günlük ücrettir." },
        ],
        sector: "legal",
        adapter: "legal@1",
        rating: 5,
      });
    });

    it("exports nothing of a user who has opted out, be it the one who rated or the one who asked", async () => {
      await request("r1", { messageId: "m1", sessionId: "s1", userId: "asker" });
      await request("r2", { messageId: "m2", sessionId: "s2", userId: "other" });
      await add({ messageId: "m1", userId: "rater" });
      await add({ messageId: "m2", userId: "rater" });
      expect(await pairs()).toHaveLength(2);
      await add({ userId: "asker", trainingOptOut: true });
      expect((await pairs()).map(({ id }) => id)).toHaveLength(1);
      await add({ userId: "rater", trainingOptOut: true });
      expect(await pairs()).toEqual([]);
    });

    it("knows who opts out by a form that names nobody: by the reply it is about, and by whom that was for", async () => {
      await request("r1", { messageId: "m1", sessionId: "s1", userId: "asker" });
      await request("r2", { messageId: "m2", sessionId: "s2", userId: "asker" });
      await request("r3", { messageId: "m3", sessionId: "s3", userId: "other" });
      for (const messageId of ["m1", "m2", "m3"]) await add({ messageId, userId: null });
      await add({ messageId: "m1", userId: null, rating: 1, trainingOptOut: true });
      expect((await pairs()).map(({ messages: [{ content }] }) => content)).toHaveLength(1);
      await add({ messageId: "m3", userId: null, rating: 1, trainingOptOut: true });
      expect(await pairs()).toEqual([]);
    });

    it("knows who opts out where nobody was ever named: by the conversation", async () => {
      for (const [id, sessionId] of [
        ["r1", "mine"],
        ["r2", "mine"],
        ["r3", "mine"],
        ["r4", "theirs"],
        ["r5", null],
      ] as const)
        await request(id, { messageId: `m-${id}`, sessionId, userId: null });
      await add({ messageId: "m-r1", userId: null });
      await add({ messageId: "m-r2", sessionId: "mine", userId: null });
      const theirs = await add({ messageId: "m-r4", userId: null });
      const alone = await add({ messageId: "m-r5", userId: null });
      expect(await pairs()).toHaveLength(4);
      await add({ messageId: "m-r3", userId: null, rating: 1, trainingOptOut: true });
      expect((await pairs()).map(({ id }) => id)).toEqual([theirs.id, alone.id]);
      await add({ sessionId: "theirs", userId: null, rating: 1, trainingOptOut: true });
      expect((await pairs()).map(({ id }) => id)).toEqual([alone.id]);
      await add({ messageId: "m-r5", userId: null, rating: 1, trainingOptOut: true });
      expect(await pairs()).toEqual([]);
    });

    it("makes wrong-sector feedback an example, and writes it down when it is accepted, once", async () => {
      await request("r", { messageId: "m" });
      const { id } = await add({
        messageId: "m",
        expectedSector: "energy",
        issues: [{ category: "wrong_sector", text: "" }],
      });
      await add({ rating: 5 });
      const example = {
        id,
        at: "2026-01-05T10:00:00.000Z",
        text: "Kıdem tazminatı nedir?",
        routedTo: "legal",
        expectedSector: "energy",
      };
      expect((await store.routingExamples("pending", page)).items).toEqual([{ ...example, status: "pending" }]);
      const [accepted] = await Promise.all([store.acceptExample(id, {}), store.acceptExample(id, {})]);
      expect(accepted).toEqual({ ...example, status: "accepted" });
      expect(fileOf("energy")).toBe(
        `${JSON.stringify({ text: example.text, sector: "energy", kind: "feedback", id })}\n`,
      );
      await expect(store.rejectExample(id)).rejects.toMatchObject({ code: "routing_example_not_found" });
      expect((await store.routingExamples("pending", page)).items).toEqual([]);
      expect((await store.routingExamples("accepted", page)).items).toHaveLength(1);
    });

    it("accepts what nobody kept only when the reviewer says it", async () => {
      const { id } = await add({ issues: [{ category: "wrong_sector", text: "" }] });
      await expect(store.acceptExample(id, {})).rejects.toMatchObject({ status: 422, param: "text" });
      await expect(store.acceptExample(id, { text: "Sayaç arızalı" })).rejects.toMatchObject({ param: "sector" });
      await store.acceptExample(id, { text: "Sayaç arızalı", sector: "energy" });
      expect(fileOf("energy")).toContain("Sayaç arızalı");
      await expect(store.acceptExample("nobody", {})).rejects.toMatchObject({ status: 404 });
    });

    it("forgets the text of an example that is rejected", async () => {
      const { id } = await add({ message: "gizli soru", expectedSector: "energy" });
      expect(await store.rejectExample(id)).toMatchObject({ status: "rejected", text: null });
      expect((await database.query("select text from routing_examples")).rows).toEqual([{ text: null }]);
      expect(fileOf("energy")).toBe("");
    });

    it("keeps the message with wrong-sector feedback only", async () => {
      await add({ message: "gizli soru" });
      const { rows } = await database.query(
        "select f::text || coalesce(e::text, '') as all from feedback f left join routing_examples e on true",
      );
      expect(JSON.stringify(rows)).not.toContain("gizli");
    });

    it("erases a user: feedback, examples and the lines they became", async () => {
      const mine = await add({ message: "benim sorum", expectedSector: "energy" });
      const ofMySession = await add({
        userId: null,
        sessionId: "mine",
        message: "oturumumun sorusu",
        expectedSector: "energy",
      });
      const theirs = await add({ userId: "ali", message: "onun sorusu", expectedSector: "energy" });
      for (const { id } of [mine, ofMySession, theirs]) await store.acceptExample(id, {});
      expect(await store.eraseUser("ayşe", ["mine"])).toBe(2);
      expect((await everything()).map(({ id }) => id)).toEqual([theirs.id]);
      expect(fileOf("energy")).toContain("onun");
      expect(fileOf("energy")).not.toMatch(/benim|oturumumun/);
      expect((await store.routingExamples("accepted", page)).items).toHaveLength(1);
      expect(await store.eraseUser("ayşe", ["mine"])).toBe(0);
    });

    it("erases what names neither the user nor a session, where it is about a reply to the user", async () => {
      await request("r1", { messageId: "m1", sessionId: null, userId: "ayşe" });
      await request("r2", { messageId: "m2", sessionId: "mine", userId: null });
      await request("r3", { messageId: "m3", sessionId: null, userId: "ali" });
      const about = { userId: null, message: "gizli soru", expectedSector: "energy" } as const;
      const byUser = await add({ ...about, messageId: "m1" });
      const bySession = await add({ ...about, messageId: "m2" });
      const theirs = await add({ ...about, messageId: "m3", message: "onun sorusu" });
      for (const { id } of [byUser, bySession, theirs]) await store.acceptExample(id, {});
      expect(await store.eraseUser("ayşe", ["mine"])).toBe(2);
      expect((await everything()).map(({ id }) => id)).toEqual([theirs.id]);
      expect(fileOf("energy")).toContain("onun");
      expect(fileOf("energy")).not.toContain("gizli");
      expect((await database.query("select text from routing_examples")).rows).toEqual([{ text: "onun sorusu" }]);
    });

    it("erases what a form said of a conversation that has long expired", async () => {
      await request("r1", { sessionId: "expired", messageId: "m1", at: "2025-12-01T10:00:00Z", userId: "ayşe" });
      await request("r2", { sessionId: "theirs", messageId: "m2", at: "2025-12-01T10:00:00Z", userId: "ali" });
      await add({ userId: null, sessionId: "expired", comment: "gizli" });
      const theirs = await add({ userId: null, sessionId: "theirs" });
      expect(await store.eraseUser("ayşe", [])).toBe(1);
      expect((await everything()).map(({ id }) => id)).toEqual([theirs.id]);
    });
  });
}
