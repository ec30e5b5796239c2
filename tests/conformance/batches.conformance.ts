import OpenAI, { toFile } from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { EngineUnavailableError } from "../../services/inference/index.ts";
import type { QueueGround } from "../support/queue-ground.ts";
import { buildQueuedGateway, type QueuedGatewayOptions } from "../support/queued-gateway.ts";
import { answersIn } from "../unit/batch/batch-parts.ts";

const waiting = { timeout: 30_000, interval: 50 };
const endpoint = "/v1/chat/completions";
const echo = { adapters: ["legal@1", "energy@1"] };

interface Asked {
  readonly id: string;
  readonly body: object;
}

function requestLines(asked: readonly Asked[]): string {
  const lines = asked.map(({ id, body }) => ({ custom_id: id, method: "POST", url: endpoint, body }));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function question(id: string, content: string, more: object = {}): Asked {
  return { id, body: { messages: [{ role: "user", content }], ...more } };
}

/** What OpenAI's own client may rely on, whichever keeper of jobs stands behind. */
export function describeBatches(name: string, open: () => Promise<QueueGround>): void {
  describe(name, () => {
    let ground: QueueGround;
    let gateway: Awaited<ReturnType<typeof buildQueuedGateway>> | undefined;

    beforeAll(async () => {
      ground = await open();
    }, 120_000);
    afterEach(async () => {
      await gateway?.[Symbol.asyncDispose]();
      gateway = undefined;
      await ground.database.query("truncate batch_files, batch_lines, batches");
    });
    afterAll(() => ground?.[Symbol.asyncDispose]());

    const start = async (options: Partial<QueuedGatewayOptions> = {}) => {
      gateway = await buildQueuedGateway({ ...ground, script: echo, ...options });
      const url = await gateway.app.listen({ host: "127.0.0.1", port: 0 });
      const clientOf = (apiKey: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
      const client = clientOf("none");
      const upload = async (text: string, by = client) =>
        await by.files.create({ file: await toFile(Buffer.from(text), "sorular.jsonl"), purpose: "batch" });
      const begin = async (text: string, by = client) => {
        const { id } = await upload(text, by);
        return await by.batches.create({ input_file_id: id, endpoint, completion_window: "24h" });
      };
      const until = async (id: string, status: string) =>
        await vi.waitFor(async () => {
          const batch = await client.batches.retrieve(id);
          expect(batch.status).toBe(status);
          return batch;
        }, waiting);
      const text = async (id: string | undefined) =>
        id === undefined ? "" : await (await client.files.content(id)).text();
      return { ...gateway, url, client, clientOf, upload, begin, until, text };
    };

    describe("a file", () => {
      it("comes back exactly as it was sent, with its facts", async () => {
        const { client, upload, text } = await start();
        const content = `${requestLines([question("bir", "Ağaç ile ilgili\r\nsoru")])}\n\r\n son satır`;
        const file = await upload(content);
        expect(file).toMatchObject({
          object: "file",
          purpose: "batch",
          filename: "sorular.jsonl",
          bytes: Buffer.byteLength(content),
          status: "processed",
        });
        expect(file.expires_at).toBeGreaterThan(file.created_at);
        expect(await client.files.retrieve(file.id)).toEqual(file);
        expect(await text(file.id)).toBe(content);
      });

      it("can be sent as it is, without a form", async () => {
        const { url, text } = await start();
        const content = requestLines([question("bir", "Soru")]);
        const response = await fetch(`${url}/v1/files?purpose=batch&filename=a.jsonl`, {
          method: "POST",
          headers: { "content-type": "application/jsonl" },
          body: content,
        });
        const file = (await response.json()) as { id: string; filename: string };
        expect(file.filename).toBe("a.jsonl");
        expect(await text(file.id)).toBe(content);
      });

      it("may have its fields behind it, and an expiry of its own", async () => {
        const { client } = await start();
        const file = await client.files.create({
          file: await toFile(Buffer.from("{}\n"), "a.jsonl"),
          expires_after: { anchor: "created_at", seconds: 3600 },
          purpose: "batch",
        });
        expect((file.expires_at ?? 0) - file.created_at).toBe(3600);
      });

      it("is listed page by page, and gone when it is deleted", async () => {
        const { client, upload } = await start();
        const ids = [(await upload("1\n")).id, (await upload("2\n")).id, (await upload("3\n")).id];
        const listed: string[] = [];
        for await (const { id } of client.files.list({ limit: 2, order: "asc" })) listed.push(id);
        expect(listed).toEqual(ids);
        expect(await client.files.delete(ids[1] ?? "")).toEqual({ id: ids[1], object: "file", deleted: true });
        await expect(client.files.retrieve(ids[1] ?? "")).rejects.toMatchObject({
          status: 404,
          code: "file_not_found",
        });
        expect((await client.files.list()).data.map(({ id }) => id)).toEqual([ids[2], ids[0]]);
      });

      it.each([
        ["another purpose", { purpose: "fine-tune" as const, text: "{}" }, 400, "invalid_request"],
        ["bytes that are no text", { purpose: "batch" as const, text: "\xff\xfe" }, 400, "file_refused"],
      ])("is refused with %s, and leaves nothing behind", async (_what, { purpose, text }, status, code) => {
        const { client } = await start();
        const file = await toFile(Buffer.from(text, "latin1"), "a.jsonl");
        await expect(client.files.create({ file, purpose })).rejects.toMatchObject({ status, code });
        const left = await ground.database.query("select 1 from batch_files union all select 1 from batch_lines");
        expect(left.rowCount).toBe(0);
      });

      it("is refused when a line is too long", async () => {
        const { app } = await start();
        const payload = "x".repeat(1_048_577);
        const headers = { "content-type": "application/jsonl" };
        const answer = await app.inject({ method: "POST", url: "/v1/files?purpose=batch", headers, payload });
        expect({ status: answer.statusCode, code: answer.json().error.code }).toEqual({
          status: 413,
          code: "file_too_large",
        });
      });
    });

    describe("a batch", () => {
      it("answers each line as the endpoint would have, errors included", async () => {
        const { client, begin, until, text, rows } = await start();
        const created = await begin(
          requestLines([
            question("hukuk", "legal konusu", { max_tokens: 2 }),
            question("boş", " "),
            question("model", "Soru", { model: "yok" }),
            question("enerji", "energy konusu", { stream: true, session_id: "s1" }),
            { id: "biçimsiz", body: { messages: "metin" } },
          ]),
        );
        expect(created).toMatchObject({ object: "batch", endpoint, completion_window: "24h", status: "validating" });
        const done = await until(created.id, "completed");
        expect(done.request_counts).toEqual({ total: 5, completed: 2, failed: 3 });
        const answers = answersIn(await text(done.output_file_id));
        expect(Object.keys(answers)).toEqual(["hukuk", "enerji"]);
        expect(answers["hukuk"]).toMatchObject({
          id: expect.stringMatching(/^batch_req_/),
          response: {
            status_code: 200,
            body: {
              object: "chat.completion",
              model: "legal@1",
              sector: "legal",
              choices: [{ message: { role: "assistant", content: expect.any(String) }, finish_reason: "length" }],
              usage: { completion_tokens: 2 },
            },
          },
          error: null,
        });
        const errors = answersIn(await text(done.error_file_id));
        expect(errors).toMatchObject({
          boş: { response: { status_code: 400, body: { error: { code: "empty_message" } } } },
          model: { response: { status_code: 404, body: { error: { code: "model_not_found" } } } },
          biçimsiz: { response: { status_code: 400, body: { error: { code: "invalid_request" } } } },
        });
        expect(rows.map(({ sector }) => sector).sort()).toEqual(["energy", "legal"]);
        for (const row of rows) expect(row).toMatchObject({ endpoint: "/v1/batches", sessionId: null, outcome: "ok" });
        expect(await client.batches.retrieve(created.id)).toEqual(done);
      });

      it("is listed newest first, page by page, with what was attached to it", async () => {
        const { client, upload } = await start({ works: false });
        const { id: input_file_id } = await upload(requestLines([question("bir", "Soru")]));
        const ids: string[] = [];
        for (const number of ["1", "2", "3"]) {
          const metadata = { number };
          ids.push((await client.batches.create({ input_file_id, endpoint, completion_window: "24h", metadata })).id);
        }
        const listed: (string | undefined)[] = [];
        for await (const batch of client.batches.list({ limit: 2 })) listed.push(batch.metadata?.["number"]);
        expect(listed).toEqual(["3", "2", "1"]);
        expect((await client.batches.list({ limit: 1 })).data.map(({ id }) => id)).toEqual([ids[2]]);
      });

      it("fails when its file cannot be used, and names the lines", async () => {
        const { begin, until } = await start();
        const batch = await begin(`${requestLines([question("bir", "Soru")])}bu JSON değil\n`);
        const failed = await until(batch.id, "failed");
        expect(failed.errors).toMatchObject({ object: "list", data: [{ code: "invalid_json_line", line: 2 }] });
        expect(failed.output_file_id).toBeUndefined();
      });

      it("keeps what was answered when it is cancelled, and asks the engine no more", async () => {
        const { client, begin, until, text, engine } = await start();
        const lines = Array.from({ length: 20 }, (_, at) => question(`r${at}`, `Soru ${at}`));
        engine.follow({ reply: () => ["bir", " iki"], tokenMs: 600_000 });
        const batch = await begin(requestLines(lines));
        await vi.waitFor(() => expect(engine.active).toBeGreaterThan(0), waiting);
        await client.batches.cancel(batch.id);
        const cancelled = await until(batch.id, "cancelled");
        expect(cancelled.cancelled_at).toBeGreaterThanOrEqual(cancelled.cancelling_at ?? Number.POSITIVE_INFINITY);
        expect(engine.calls.every(({ outcome }) => outcome === "aborted")).toBe(true);
        expect(await text(cancelled.output_file_id)).toBe("");
        expect((await client.batches.cancel(batch.id)).status).toBe("cancelled");
      });

      it("is cancelled at once while it waits", async () => {
        const { client, begin } = await start({ works: false });
        const batch = await begin(requestLines([question("bir", "Soru")]));
        expect((await client.batches.cancel(batch.id)).status).toBe("cancelled");
      });

      it("asks again while the engine is away", async () => {
        const { begin, until, engine } = await start({
          script: { ...echo, fault: { afterTokens: 0, error: () => new EngineUnavailableError(0.05) } },
        });
        const batch = await begin(requestLines([question("bir", "Soru")]));
        await vi.waitFor(() => expect(engine.calls.length).toBeGreaterThan(1), waiting);
        engine.follow({ reply: () => ["Döndüm."] });
        expect((await until(batch.id, "completed")).request_counts).toEqual({ total: 1, completed: 1, failed: 0 });
      });

      it("keeps its input file until it has ended", async () => {
        const { client, begin } = await start({ works: false });
        const batch = await begin(requestLines([question("bir", "Soru")]));
        const deleted = client.files.delete(batch.input_file_id);
        await expect(deleted).rejects.toMatchObject({ status: 409, code: "file_in_use" });
        await client.batches.cancel(batch.id);
        await client.files.delete(batch.input_file_id);
      });

      it.each([
        ["another endpoint", { endpoint: "/v1/embeddings" as const }, 400],
        ["another window", { completion_window: "1h" as "24h" }, 400],
        ["a file there is none of", { input_file_id: "file-none" }, 404],
        ["metadata that is too long", { metadata: { a: "x".repeat(513) } }, 400],
      ])("is refused with %s", async (_what, changes, status) => {
        const { client, upload } = await start({ works: false });
        const { id } = await upload("{}\n");
        const wanted = { input_file_id: id, endpoint, completion_window: "24h", ...changes } as const;
        await expect(client.batches.create(wanted)).rejects.toMatchObject({ status });
      });

      it("is refused when ten of the key's have not ended", async () => {
        const { client, upload } = await start({ works: false });
        const { id: input_file_id } = await upload("{}\n");
        const wanted = { input_file_id, endpoint, completion_window: "24h" } as const;
        for (let count = 0; count < 10; count++) await client.batches.create(wanted);
        await expect(client.batches.create(wanted)).rejects.toMatchObject({ status: 429, code: "too_many_batches" });
      });
    });

    it("answers the one batch of a key although another key's came before, and those take long", async () => {
      const { apiKeys, clientOf, begin, engine, startWorkers } = await start({
        works: false,
        batchSliceMs: 0,
        environment: { SEKTOR_BATCH_CONCURRENCY: "1" },
      });
      const mint = async (name: string) =>
        clientOf((await apiKeys.create({ name, scopes: ["chat"], sectors: null, userId: null, expiresAt: null })).text);
      const [many, few] = [await mint("çok"), await mint("az")];
      const questions = (of: string, count: number) =>
        requestLines(Array.from({ length: count }, (_, at) => question(`r${at}`, `${of} ${at}`)));
      const theirs = [];
      for (let batch = 0; batch < 3; batch++) theirs.push(await begin(questions("çok", 8), many));
      const mine = await begin(questions("az", 3), few);
      startWorkers();
      const isDone = async (id: string, by: OpenAI) =>
        await vi.waitFor(async () => expect((await by.batches.retrieve(id)).status).toBe("completed"), waiting);
      await isDone(mine.id, few);
      for (const { id } of theirs) await isDone(id, many);
      const asked = engine.calls.map(({ request }) => JSON.stringify(request));
      const lastOfMine = asked.findLastIndex((request) => request.includes("az "));
      expect(asked).toHaveLength(27);
      expect(asked.slice(0, lastOfMine).filter((request) => request.includes("çok ")).length).toBeLessThan(4);
    });

    it("refuses lines beyond what a key may ask for in a day, and says when there is room again", async () => {
      const { apiKeys, clientOf, upload, begin } = await start({
        works: false,
        environment: { SEKTOR_BATCH_LINES_PER_KEY_PER_DAY: "5" },
      });
      const mint = async (name: string) =>
        clientOf((await apiKeys.create({ name, scopes: ["chat"], sectors: null, userId: null, expiresAt: null })).text);
      const [me, them] = [await mint("ben"), await mint("başkası")];
      const three = requestLines([question("a", "Soru"), question("b", "Soru"), question("c", "Soru")]);
      const first = await begin(three, me);
      const input = { input_file_id: (await upload(three, me)).id, endpoint, completion_window: "24h" } as const;
      const refused = await me.batches.create(input).catch((failure: unknown) => failure);
      expect(refused).toMatchObject({ status: 429, code: "too_many_batch_lines" });
      const retryAfterS = Number((refused as InstanceType<typeof OpenAI.APIError>).headers?.get("retry-after"));
      expect(retryAfterS).toBeGreaterThan(86_000);
      expect(retryAfterS).toBeLessThanOrEqual(86_400);
      await begin(three, them);
      // What nobody answered was not asked for.
      await me.batches.cancel(first.id);
      await me.batches.create(input);
    });

    it("keeps files and batches of one key from the others", async () => {
      const { apiKeys, clientOf, begin, upload, jobs } = await start({ works: false });
      const mint = async (name: string) =>
        (await apiKeys.create({ name, scopes: ["chat"], sectors: null, userId: null, expiresAt: null })).text;
      const [me, them] = [clientOf(await mint("ben")), clientOf(await mint("başkası"))];
      const file = await upload("{}\n", me);
      const batch = await begin(requestLines([question("bir", "Soru")]), me);
      const notFound = { status: 404 };
      await expect(them.files.retrieve(file.id)).rejects.toMatchObject(notFound);
      await expect(them.files.content(file.id)).rejects.toMatchObject(notFound);
      await expect(them.files.delete(file.id)).rejects.toMatchObject(notFound);
      await expect(them.batches.retrieve(batch.id)).rejects.toMatchObject(notFound);
      await expect(them.batches.cancel(batch.id)).rejects.toMatchObject(notFound);
      const wanted = { input_file_id: file.id, endpoint, completion_window: "24h" } as const;
      await expect(them.batches.create(wanted)).rejects.toMatchObject(notFound);
      expect((await them.files.list()).data).toEqual([]);
      expect((await them.batches.list()).data).toEqual([]);
      expect((await me.batches.list()).data).toHaveLength(1);
      await jobs.purge("batch");
    });

    it("holds a key's sectors in every line", async () => {
      const { apiKeys, clientOf, begin } = await start();
      const { text: key } = await apiKeys.create({
        name: "sınırlı",
        scopes: ["chat"],
        sectors: ["energy"],
        userId: null,
        expiresAt: null,
      });
      const limited = clientOf(key);
      const batch = await begin(
        requestLines([question("hukuk", "legal konusu"), question("enerji", "energy")]),
        limited,
      );
      const done = await vi.waitFor(async () => {
        const now = await limited.batches.retrieve(batch.id);
        expect(now.status).toBe("completed");
        return now;
      }, waiting);
      const errors = answersIn(await (await limited.files.content(done.error_file_id ?? "")).text());
      expect(errors).toMatchObject({ hukuk: { response: { status_code: 403 } } });
      expect(done.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
    });
  });
}
