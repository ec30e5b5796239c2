import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { EngineUnavailableError } from "../../services/inference/index.ts";
import type { QueueGround } from "../support/queue-ground.ts";
import { buildQueuedGateway, type QueuedGatewayOptions } from "../support/queued-gateway.ts";
import { RunClient } from "../support/run-client.ts";

const waiting = { timeout: 15_000, interval: 20 };
const ended = ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"];
const owner = { keyId: null, userId: null, sectors: null };
/** An engine that never says its first word. */
const silent = { firstTokenMs: 600_000, reply: () => ["geç"] };

/** What RunPod's clients may rely on, whichever keeper of jobs stands behind. */
export function describeServerless(name: string, open: () => Promise<QueueGround>): void {
  describe(name, () => {
    let ground: QueueGround;
    let gateway: Awaited<ReturnType<typeof buildQueuedGateway>> | undefined;

    beforeAll(async () => {
      ground = await open();
    }, 120_000);
    afterEach(async () => {
      await gateway?.jobs.purge("serverless-run");
      await gateway?.[Symbol.asyncDispose]();
      gateway = undefined;
    });
    afterAll(() => ground?.[Symbol.asyncDispose]());

    const start = async (options: Partial<QueuedGatewayOptions> = {}) => {
      const built = await buildQueuedGateway({
        script: { adapters: ["legal@1"], reply: () => ["Otuz", " gün", " içinde."] },
        ...ground,
        ...options,
      });
      gateway = built;
      return { ...built, client: new RunClient(built.app) };
    };

    describe("a job", () => {
      it("is taken at once and has its outcome later", async () => {
        const { client } = await start();
        const messages = [
          { role: "user", content: "Merhaba" },
          { role: "assistant", content: "Buyurun." },
        ];
        const { status, body } = await client.post("/run", {
          input: { prompt: "Hukuk sorusu", messages, sector: "legal" },
        });
        expect({ status, body }).toEqual({ status: 200, body: { id: expect.any(String), status: "IN_QUEUE" } });
        const response = "Otuz gün içinde.";
        expect(await client.ended(body.id)).toEqual({
          id: body.id,
          status: "COMPLETED",
          delayTime: expect.any(Number),
          executionTime: expect.any(Number),
          output: {
            response,
            messages: [
              ...messages,
              { role: "user", content: "Hukuk sorusu" },
              { role: "assistant", content: response },
            ],
            status: "success",
            sector: "legal",
            usage: expect.objectContaining({ completion_tokens: 3 }),
          },
        });
      });

      it("can be waited for", async () => {
        const { client } = await start();
        const { status, body } = await client.post("/runsync?wait=15000", { input: { prompt: "Hukuk" } });
        expect(status).toBe(200);
        expect(body).toMatchObject({ status: "COMPLETED", output: { status: "success" } });
        expect(body.id).toMatch(/^sync-/);
      });

      it("goes on when its wait is over", async () => {
        const { client } = await start({ script: silent });
        const { status, body } = await client.post("/runsync?wait=1000", { input: { prompt: "Hukuk" } });
        expect(status).toBe(200);
        expect(["IN_QUEUE", "IN_PROGRESS"]).toContain(body.status);
        expect(body).not.toHaveProperty("output");
        await client.post(`/cancel/${body.id}`);
        expect((await client.get(`/status/${body.id}`)).body.status).toBe("CANCELLED");
      });

      it("is the same turn as a chat request: routed, counted and left in the request log", async () => {
        const { client, rows, engine } = await start();
        await client.ended(
          await client.run({ prompt: "legal konusu", max_new_tokens: 2, temperature: 0.7, do_sample: true, top_k: 5 }),
        );
        const [call] = engine.calls;
        expect(call?.request).toMatchObject({
          adapterId: "legal@1",
          maxTokens: 2,
          sampling: { temperature: 0.7, topK: 5 },
        });
        expect(rows).toMatchObject([
          { endpoint: "/v2/:endpoint/run", sector: "legal", outcome: "ok", sessionId: null },
        ]);
      });

      it("fails with the reason when the turn refuses it", async () => {
        const { client } = await start();
        const body = await client.ended(await client.run({ prompt: "Soru", sector: "astroloji" }));
        expect(body).toMatchObject({
          status: "FAILED",
          output: { error: expect.stringContaining("astroloji"), error_type: "unknown_sector", status: "error" },
        });
      });

      it("is tried again while the engine is away", async () => {
        const { client, engine } = await start({
          script: { fault: { afterTokens: 0, error: () => new EngineUnavailableError(1) } },
        });
        const id = await client.run({ prompt: "Soru" });
        await vi.waitFor(() => expect(engine.calls.length).toBeGreaterThan(0), waiting);
        engine.follow({ reply: () => ["Döndüm."] });
        expect(await client.ended(id)).toMatchObject({ status: "COMPLETED", output: { response: "Döndüm." } });
      });
    });

    describe("its stream", () => {
      it("gives each piece once and in order, and the final status with the last", async () => {
        const words = ["Bir", " iki", " üç", " dört", " beş"];
        const { client } = await start({ script: { reply: () => words, tokenMs: 5 } });
        const id = await client.run({ prompt: "Say" });
        const said: string[] = [];
        for (let status = "", calls = 0; !ended.includes(status); calls++) {
          expect(calls).toBeLessThan(100);
          const { body } = calls % 2 === 0 ? await client.get(`/stream/${id}`) : await client.post(`/stream/${id}`);
          said.push(...body.stream.map(({ output }: { output: string }) => output));
          status = body.status;
        }
        expect(said.join("")).toBe("Bir iki üç dört beş");
        expect((await client.ended(id)).output.response).toBe("Bir iki üç dört beş");
        expect((await client.get(`/stream/${id}`)).body).toEqual({ status: "COMPLETED", stream: [] });
      });
    });

    describe("cancelling", () => {
      it("takes a waiting job away", async () => {
        const { client } = await start({ works: false });
        const id = await client.run({ prompt: "Hukuk" });
        expect(await client.post(`/cancel/${id}`)).toMatchObject({ status: 200, body: { id, status: "CANCELLED" } });
        expect((await client.get(`/status/${id}`)).body.status).toBe("CANCELLED");
      });

      it("stops the engine in the middle of a reply", async () => {
        const { client, engine } = await start({
          script: { reply: () => ["bir", " iki"], tokenMs: 600_000 },
        });
        const id = await client.run({ prompt: "Hukuk" });
        await vi.waitFor(() => expect(engine.calls[0]?.said).toBe("bir"), waiting);
        await client.post(`/cancel/${id}`);
        await client.until(id, "CANCELLED");
        expect(engine.calls).toMatchObject([{ outcome: "aborted" }]);
      });

      it("can be asked for twice, and leaves what has ended as it is", async () => {
        const { client } = await start();
        const id = await client.run({ prompt: "Hukuk" });
        await client.ended(id);
        for (let times = 0; times < 2; times++) {
          const { status, body } = await client.post(`/cancel/${id}`);
          expect({ status, state: body.status }).toEqual({ status: 200, state: "COMPLETED" });
        }
      });
    });

    describe("its limits", () => {
      it("end a run that takes too long, and the engine with it", async () => {
        const { client, engine } = await start({ script: silent });
        const id = await client.run({ prompt: "Hukuk" }, { policy: { executionTimeout: 5000 } });
        const body = await client.until(id, "TIMED_OUT");
        expect(body.output).toMatchObject({ status: "error", error_type: "job_timed_out" });
        expect(engine.calls).toMatchObject([{ outcome: "aborted" }]);
      });

      it("end a wait that takes too long", async () => {
        const { client, serverless } = await start({ works: false });
        const { id } = await serverless.run("sektor", owner, { input: { prompt: "Hukuk" }, policy: { ttl: 20 } });
        await client.until(id, "TIMED_OUT");
      });

      it("make place for jobs of ordinary priority first", async () => {
        const { client, engine, startWorkers } = await start({ works: false, slots: { "serverless-run": 1 } });
        const low = await client.run({ prompt: "düşük" }, { policy: { lowPriority: true } });
        const high = await client.run({ prompt: "yüksek" });
        startWorkers();
        await client.ended(low);
        await client.ended(high);
        const asked = engine.calls.map(({ request }) => JSON.stringify(request.prompt));
        expect(asked.map((prompt) => prompt.includes("yüksek"))).toEqual([true, false]);
      });

      it("forget the outcome after its time", async () => {
        let aheadMs = 0;
        const { client } = await start({ nowMs: () => Date.now() + aheadMs });
        const id = await client.run({ prompt: "Hukuk" });
        await client.ended(id);
        const waited = (await client.post("/runsync?wait=15000", { input: { prompt: "Hukuk" } })).body.id;
        aheadMs = 61_000;
        expect((await client.get(`/status/${id}`)).status).toBe(200);
        expect((await client.get(`/status/${waited}`)).status).toBe(404);
        aheadMs = 1_801_000;
        expect(await client.get(`/status/${id}`)).toMatchObject({
          status: 404,
          body: { error: { code: "run_not_found" } },
        });
        expect((await client.post(`/retry/${id}`)).status).toBe(404);
      });

      it("refuse jobs when too many wait", async () => {
        const { client } = await start({ works: false, serverless: { maxQueued: 2 } });
        const answers = [];
        for (let at = 0; at < 3; at++) answers.push(await client.post("/run", { input: { prompt: "Hukuk" } }));
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
        expect(answers[2]?.body.error.code).toBe("run_queue_full");
      });

      it("of many from one key do not hold up those of another", async () => {
        const { serverless, engine, startWorkers } = await start({ works: false, slots: { "serverless-run": 1 } });
        const add = (keyId: string, prompt: string) =>
          serverless.run("sektor", { ...owner, keyId }, { input: { prompt } });
        for (let at = 0; at < 5; at++) await add("busy", `kalabalık ${at}`);
        await add("quiet", "tek bir soru");
        startWorkers();
        await vi.waitFor(() => expect(engine.calls).toHaveLength(6), waiting);
        const asked = engine.calls.map(({ request }) => JSON.stringify(request.prompt));
        expect(asked.findIndex((prompt) => prompt.includes("tek bir soru"))).toBe(1);
      });

      it("leave a place for whoever comes next, however many one key adds", async () => {
        let aheadMs = 0;
        const { serverless } = await start({
          works: false,
          serverless: { maxQueued: 12 },
          nowMs: () => Date.now() + aheadMs,
        });
        /** Each as if it came a second after the one before, so that the queue is counted anew. */
        const addUntilRefused = async (keyId: string): Promise<number> => {
          for (let added = 0; ; added++) {
            aheadMs += 1_000;
            const adding = serverless.run("sektor", { ...owner, keyId }, { input: { prompt: "Hukuk" } });
            if (
              (await adding.then(
                () => "added",
                ({ code }) => code,
              )) === "run_queue_full"
            )
              return added;
          }
        };
        expect(await addUntilRefused("a")).toBe(6);
        expect(await addUntilRefused("b")).toBe(3);
        expect(await addUntilRefused("c")).toBe(2);
      });
    });

    describe("retrying", () => {
      it("runs a failed job again under its id", async () => {
        const { client, engine } = await start({
          script: { fault: { afterTokens: 0, error: () => new Error("broken") } },
        });
        const id = await client.run({ prompt: "Hukuk" });
        expect((await client.ended(id)).status).toBe("FAILED");
        engine.follow({ reply: () => ["Tamam."] });
        expect(await client.post(`/retry/${id}`)).toMatchObject({ status: 200, body: { id, status: "IN_QUEUE" } });
        expect(await client.ended(id)).toMatchObject({ status: "COMPLETED", output: { response: "Tamam." } });
      });

      it("is refused for a job that went well", async () => {
        const { client } = await start();
        const id = await client.run({ prompt: "Hukuk" });
        await client.ended(id);
        expect(await client.post(`/retry/${id}`)).toMatchObject({
          status: 409,
          body: { error: { code: "run_not_retryable" } },
        });
      });

      it("changes nothing for a job that waits", async () => {
        const { client } = await start({ works: false });
        const id = await client.run({ prompt: "Hukuk" });
        expect(await client.post(`/retry/${id}`)).toMatchObject({ status: 200, body: { status: "IN_QUEUE" } });
      });
    });

    describe("keys", () => {
      const withKeys = async (options: Partial<QueuedGatewayOptions> = {}) => {
        const built = await start(options);
        const clientOf = async (name: string, sectors: readonly string[] | null = null) => {
          const { text } = await built.apiKeys.create({
            name,
            scopes: ["chat"],
            sectors,
            userId: null,
            expiresAt: null,
          });
          return new RunClient(built.app, text);
        };
        const [me, them] = [await clientOf("ben"), await clientOf("başkası")];
        return { me, them, limited: await clientOf("sınırlı", ["energy"]), nobody: built.client };
      };

      it("keep jobs from each other", async () => {
        const { me, them } = await withKeys({ works: false });
        const id = await me.run({ prompt: "Hukuk" });
        expect((await me.get(`/status/${id}`)).status).toBe(200);
        for (const path of ["status", "status-sync", "stream"])
          expect((await them.get(`/${path}/${id}`)).body.error.code).toBe("run_not_found");
        for (const path of ["cancel", "retry"])
          expect((await them.post(`/${path}/${id}`, {})).body.error.code).toBe("run_not_found");
        expect((await them.post("/purge-queue", {})).body).toEqual({ removed: 0, status: "completed" });
        expect((await me.get(`/status/${id}`)).body.status).toBe("IN_QUEUE");
        expect((await me.post("/purge-queue", {})).body).toEqual({ removed: 1, status: "completed" });
      });

      it("have so many calls wait at a time and no more, whether they GET or POST, and none of another's", async () => {
        const { me, them } = await withKeys({ works: false, environment: { SEKTOR_WAITS_PER_KEY: "2" } });
        const [id, other] = [await me.run({ prompt: "Hukuk" }), await them.run({ prompt: "Hukuk" })];
        const inTime = [me.get(`/status-sync/${id}?wait=300000`), me.get(`/status-sync/${id}?wait=300000`)];
        const tooMany = { status: 429, body: { error: { code: "too_many_waits" } } };
        await vi.waitFor(
          async () => expect(await me.get(`/status-sync/${id}?wait=1000`)).toMatchObject(tooMany),
          waiting,
        );
        expect(await me.get(`/stream/${id}`)).toMatchObject(tooMany);
        expect(await me.post(`/stream/${id}`)).toMatchObject(tooMany);
        expect((await me.get(`/status/${id}`)).body.status).toBe("IN_QUEUE");
        expect((await them.get(`/status-sync/${other}?wait=1000`)).body.status).toBe("IN_QUEUE");
        await me.post(`/cancel/${id}`);
        expect((await Promise.all(inTime)).map(({ body }) => body.status)).toEqual(["CANCELLED", "CANCELLED"]);
        await vi.waitFor(async () => expect((await me.get(`/stream/${id}`)).status).toBe(200), waiting);
      });

      it("hold their sectors in jobs too", async () => {
        const { limited } = await withKeys();
        const { body } = await limited.post("/runsync?wait=15000", { input: { prompt: "Soru", sector: "legal" } });
        expect(body).toMatchObject({ status: "FAILED", output: { error_type: "sector_not_allowed" } });
      });

      it("are asked for", async () => {
        const { nobody } = await withKeys();
        const refused = { status: 401, body: { error: { code: "invalid_api_key" } } };
        expect(await nobody.get("/health")).toMatchObject(refused);
      });
    });

    describe("health", () => {
      it("tells what waits, runs and has ended, and who works", async () => {
        const { client } = await start({ script: silent, slots: { "serverless-run": 2 } });
        await vi.waitFor(async () => {
          const { workers } = (await client.get("/health")).body;
          expect(workers).toEqual({ idle: 2, initializing: 0, ready: 2, running: 0, throttled: 0 });
        }, waiting);
        const ids = [
          await client.run({ prompt: "bir" }),
          await client.run({ prompt: "iki" }),
          await client.run({ prompt: "üç" }),
        ];
        await vi.waitFor(async () => {
          const { jobs, workers } = (await client.get("/health")).body;
          expect(jobs).toMatchObject({ inProgress: 2, inQueue: 1, retried: 0 });
          expect(workers).toMatchObject({ idle: 0, running: 2, ready: 2 });
        }, waiting);
        for (const id of ids.reverse()) await client.post(`/cancel/${id}`);
        for (const id of ids) await client.until(id, "CANCELLED");
      });
    });

    it.each([{}, { "content-length": "0" }])(
      "takes an empty body for what needs none, as clients send it: %j",
      async (more) => {
        const { client, app } = await start({ works: false });
        const id = await client.run({ prompt: "Hukuk" });
        const headers = { "content-type": "application/json", ...more };
        const response = await app.inject({ method: "POST", url: `/v2/sektor/cancel/${id}`, headers });
        expect(response.json()).toMatchObject({ id, status: "CANCELLED" });
      },
    );

    describe("the door", () => {
      it.each([
        ["no input", "/run", {}, 400, "invalid_request"],
        ["an input without a prompt", "/run", { input: {} }, 400, "invalid_request"],
        ["an empty prompt", "/run", { input: { prompt: " " } }, 400, "empty_message"],
        ["a prompt that is too long", "/run", { input: { prompt: "a".repeat(1001) } }, 413, "message_too_long"],
        ["a temperature that is text", "/run", { input: { prompt: "a", temperature: "hot" } }, 400, "invalid_request"],
        ["a wait that is too short", "/runsync?wait=999", { input: { prompt: "a" } }, 400, "invalid_request"],
        ["a wait that is too long", "/runsync?wait=300001", { input: { prompt: "a" } }, 400, "invalid_request"],
        ["a ttl that is too short", "/run", { input: { prompt: "a" }, policy: { ttl: 9999 } }, 400, "invalid_request"],
        [
          "a run that would be too short",
          "/run",
          { input: { prompt: "a" }, policy: { executionTimeout: 4999 } },
          400,
          "invalid_request",
        ],
        ["a private webhook", "/run", { input: { prompt: "a" }, webhook: "https://10.0.0.1/" }, 400, "webhook_refused"],
        ["a plain webhook", "/run", { input: { prompt: "a" }, webhook: "http://example.com/" }, 400, "webhook_refused"],
      ])("refuses %s", async (_what, path, body, status, code) => {
        const { client } = await start({ works: false });
        const answer = await client.post(path, body);
        expect(answer).toEqual({
          status,
          body: { error: expect.objectContaining({ code, message: expect.any(String), type: expect.any(String) }) },
        });
      });

      it.each(["/run", "/runsync"])("refuses a body that is too large: %s", async (path) => {
        const { client } = await start({ works: false });
        const body = { input: { prompt: "a" }, more: "x".repeat(path === "/run" ? 10_485_760 : 20_971_520) };
        expect(await client.post(path, body)).toMatchObject({
          status: 413,
          body: { error: { code: "body_too_large" } },
        });
      });

      it("knows only the endpoints of the settings", async () => {
        const { app } = await start({ works: false });
        const payload = { input: { prompt: "a" } };
        const response = await app.inject({ method: "POST", url: "/v2/other/run", payload });
        expect({ status: response.statusCode, code: response.json().error.code }).toEqual({
          status: 404,
          code: "endpoint_not_found",
        });
      });

      it("has no job under an id that none can have", async () => {
        const { client } = await start({ works: false });
        for (const id of ["nothing", "..%2F..", "a".repeat(200)])
          expect((await client.get(`/status/${id}`)).body.error.code).toBe("run_not_found");
      });

      it("ends with the signal of who waits", async () => {
        const { serverless } = await start({ works: false });
        const left = new AbortController();
        const answer = serverless.runSync("sektor", owner, { input: { prompt: "a" } }, 60_000, left.signal);
        left.abort(new Error("left"));
        await expect(answer).rejects.toThrow("left");
      });
    });
  });
}
