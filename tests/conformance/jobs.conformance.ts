import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidRequestError } from "../../services/foundation/index.ts";
import { forgetEnded } from "../../services/jobs/bullmq/forget-ended.ts";
import { keepSchedule } from "../../services/jobs/bullmq/keep-schedules.ts";
import type { QueueBackend } from "../../services/jobs/bullmq/queue-backend.ts";
import { type JobHandler, JobMalformedError, JobSetAside, type Jobs } from "../../services/jobs/index.ts";
import { createLogger } from "../../services/observability/index.ts";
import { deferred } from "../support/deferred.ts";
import { jobsOver, startTestWorkers } from "../support/jobs.ts";

type Deliver = JobHandler<"webhook">;

/** Longer than any of these jobs takes. */
const patienceMs = 20_000;
const waitingFor = { timeout: patienceMs, interval: 50 };
const call = { jobId: "serverless-run.a", url: "https://example.org/" };
const quiet = createLogger("test", "silent");
const delivered: Deliver = async () => ({ status: 200 });
/** A handler that does nothing until its signal fires. */
const untilStopped: Deliver = (_payload, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true }));

/** What every keeper of jobs promises. @param open an empty queue */
export function describeJobs(name: string, open: () => Promise<QueueBackend>): void {
  describe(name, () => {
    let backend: QueueBackend;
    let jobs: Jobs;
    let opened: AsyncDisposable[];
    const work = (run: Deliver, more: Parameters<typeof startTestWorkers>[2] = {}) => {
      const workers = startTestWorkers(backend, { webhook: { run } }, more);
      opened.unshift(workers);
      return workers;
    };
    beforeEach(async () => {
      backend = await open();
      opened = [backend];
      jobs = jobsOver(backend);
    });
    afterEach(async () => {
      for (const one of opened) await one[Symbol.asyncDispose]();
    });

    it("runs a job and gives its result to whoever waits for it", async () => {
      work(async ({ jobId }) => ({ status: jobId === call.jobId ? 204 : 500 }));
      const id = await jobs.add("webhook", call);
      expect(id).toMatch(/^webhook\./);
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({
        id,
        name: "webhook",
        state: "completed",
        payload: call,
        result: { status: 204 },
        error: null,
        attempts: 1,
      });
    });

    it("answers at once that there is no such job", async () => {
      expect(await jobs.get("webhook.nobody")).toBeUndefined();
      expect(await jobs.get("no-such-name.a")).toBeUndefined();
      expect(await jobs.get("webhook.a b")).toBeUndefined();
      expect(await jobs.waitFor("webhook.nobody", patienceMs)).toBeUndefined();
      expect(await jobs.read("webhook.nobody")).toBeUndefined();
      expect(await jobs.cancel("webhook.nobody")).toBeUndefined();
      expect(await jobs.retry("webhook.nobody")).toBe(false);
    });

    it("has a job that does not end while somebody waits as it is then", async () => {
      const id = await jobs.add("webhook", call);
      expect(await jobs.waitFor(id, 1)).toMatchObject({ state: "waiting", endedAt: null });
    });

    it("adds a job once, however often its id is added", async () => {
      const id = await jobs.add("webhook", call, { id: "once" });
      expect(await jobs.add("webhook", { ...call, jobId: "serverless-run.b" }, { id: "once" })).toBe(id);
      expect((await jobs.counts("webhook")).waiting).toBe(1);
      expect(await jobs.get(id)).toMatchObject({ payload: call });
    });

    it("refuses a payload that is not the contract's, and an id it could not keep", async () => {
      await expect(jobs.add("webhook", { url: 5 } as never)).rejects.toThrow(JobMalformedError);
      await expect(jobs.add("webhook", call, { id: "12" })).rejects.toThrow(JobMalformedError);
      await expect(jobs.add("webhook", call, { id: "a:b" })).rejects.toThrow(JobMalformedError);
      expect((await jobs.counts("webhook")).waiting).toBe(0);
    });

    it("leaves a delayed job where it is until its time has come", async () => {
      work(delivered);
      const late = await jobs.add("webhook", call, { delayMs: 3_600_000 });
      const now = await jobs.add("webhook", call);
      expect((await jobs.waitFor(now, patienceMs))?.state).toBe("completed");
      expect(await jobs.get(late)).toMatchObject({ state: "delayed", attempts: 0 });
      const soon = await jobs.add("webhook", call, { delayMs: 50 });
      expect((await jobs.waitFor(soon, patienceMs))?.state).toBe("completed");
    });

    it("tries a job again that failed, as often as it may, and lets the others go on", async () => {
      const run = vi.fn<Deliver>(async ({ jobId }) => {
        if (jobId !== call.jobId) throw new Error("what a user wrote");
        return { status: 200 };
      });
      work(run);
      const poisoned = await jobs.add("webhook", { ...call, jobId: "poison" }, { attempts: 3, backoffMs: 1 });
      const well = await jobs.add("webhook", call);
      expect((await jobs.waitFor(well, patienceMs))?.state).toBe("completed");
      expect(await jobs.waitFor(poisoned, patienceMs)).toMatchObject({
        state: "failed",
        attempts: 3,
        result: null,
        error: { code: "internal", message: "An unexpected error." },
      });
      expect(run.mock.calls.filter(([{ jobId }]) => jobId === "poison")).toHaveLength(3);
      expect((await jobs.list({ name: "webhook", group: "failed" })).jobs.map(({ id }) => id)).toEqual([poisoned]);
    });

    it("does not try again what is wrong with the request itself", async () => {
      const run = vi.fn<Deliver>(async () => {
        throw new InvalidRequestError("The address is not one.", { code: "bad_address", messageTr: "Adres geçersiz." });
      });
      work(run);
      const id = await jobs.add("webhook", call, { backoffMs: 1 });
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({
        state: "failed",
        error: { code: "bad_address", message: "The address is not one.", messageTr: "Adres geçersiz." },
      });
      expect(run).toHaveBeenCalledTimes(1);
    });

    it("fails a job whose result is not the contract's", async () => {
      work(async () => ({ status: "fine" }) as never);
      const id = await jobs.add("webhook", call, { attempts: 1 });
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({ state: "failed", error: { code: "internal" } });
    });

    it("runs a dead letter again when asked, and nothing that ended well", async () => {
      let isUp = false;
      work(async () => {
        if (!isUp) throw new Error("down");
        return { status: 200 };
      });
      const id = await jobs.add("webhook", call, { attempts: 1 });
      expect((await jobs.waitFor(id, patienceMs))?.state).toBe("failed");
      isUp = true;
      expect(await jobs.retry(id)).toBe(true);
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({ state: "completed", attempts: 2, error: null });
      expect(await jobs.retry(id)).toBe(false);
    });

    it("takes a cancelled job away before it runs, and tells who waits", async () => {
      const id = await jobs.add("webhook", call);
      const waiting = jobs.waitFor(id, patienceMs);
      expect(await jobs.cancel(id)).toMatchObject({
        id,
        state: "cancelled",
        payload: call,
        error: { code: "job_cancelled" },
        startedAt: null,
      });
      expect((await waiting)?.state).toBe("cancelled");
      const run = vi.fn<Deliver>(delivered);
      work(run);
      await jobs.waitFor(await jobs.add("webhook", call), patienceMs);
      expect(run).toHaveBeenCalledTimes(1);
      expect((await jobs.get(id))?.state).toBe("cancelled");
    });

    it("lets a job wait again that was cancelled before it ran", async () => {
      const id = await jobs.add("webhook", call, { attempts: 2, backoffMs: 1, expireMs: 3_600_000 });
      await jobs.cancel(id);
      expect(await jobs.retry(id)).toBe(true);
      let tries = 0;
      work(async () => {
        tries += 1;
        if (tries === 1) throw new Error("once");
        return { status: 200 };
      });
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({ state: "completed", attempts: 2, payload: call });
    });

    it("stops a running job that is cancelled", async () => {
      const started = deferred();
      work((payload, context) => {
        started.resolve();
        return untilStopped(payload, context);
      });
      const id = await jobs.add("webhook", call);
      await started.promise;
      await jobs.cancel(id);
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({
        state: "cancelled",
        attempts: 1,
        error: { code: "job_cancelled" },
      });
      expect((await jobs.cancel(id))?.state).toBe("cancelled");
    });

    it("keeps the result of a job that finished although it was to be cancelled", async () => {
      const started = deferred();
      work(async (_payload, { signal }) => {
        started.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        return { status: 200 };
      });
      const id = await jobs.add("webhook", call, { retainMs: { completed: 3_600_000, failed: 3_600_000 } });
      await started.promise;
      await jobs.cancel(id);
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({ state: "completed", result: { status: 200 } });
    });

    it("ends a job that runs longer than it may", async () => {
      work(untilStopped);
      const id = await jobs.add("webhook", call, { timeoutMs: 20 });
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({
        state: "timed-out",
        attempts: 1,
        error: { code: "job_timed_out" },
      });
    });

    it("does not start a job that expired, whoever looks", async () => {
      const id = await jobs.add("webhook", call, { expireMs: -1 });
      expect(await jobs.get(id)).toMatchObject({ state: "timed-out", error: { code: "job_expired" } });
      const run = vi.fn<Deliver>(delivered);
      work(run);
      await jobs.waitFor(await jobs.add("webhook", call), patienceMs);
      await vi.waitFor(async () => expect((await jobs.counts("webhook")).failed).toBe(1), patienceMs);
      expect(await jobs.get(id)).toMatchObject({ state: "timed-out", startedAt: expect.any(String) });
      expect(run).toHaveBeenCalledTimes(1);
    });

    it("gives a job that expired its time anew when it is to be tried again", async () => {
      const id = await jobs.add("webhook", call, { expireMs: 3_600_000, timeoutMs: 10 });
      const workers = work(untilStopped);
      expect((await jobs.waitFor(id, patienceMs))?.state).toBe("timed-out");
      await workers[Symbol.asyncDispose]();
      expect(await jobs.retry(id)).toBe(true);
      expect((await jobs.get(id))?.state).toBe("waiting");
    });

    it("takes away those waiting jobs that are meant, delayed and unimportant ones too", async () => {
      const ids = await Promise.all([
        jobs.add("webhook", { ...call, jobId: "mine" }),
        jobs.add("webhook", { ...call, jobId: "mine" }, { delayMs: 3_600_000 }),
        jobs.add("webhook", { ...call, jobId: "mine" }, { lowPriority: true }),
        jobs.add("webhook", { ...call, jobId: "another's" }),
      ]);
      expect(await jobs.purge("webhook", ({ jobId }) => jobId === "mine")).toBe(3);
      const states = await Promise.all(ids.map(async (id) => (await jobs.get(id))?.state));
      expect(states).toEqual(["cancelled", "cancelled", "cancelled", "waiting"]);
      expect(await jobs.purge("webhook")).toBe(1);
    });

    it("keeps of a job that was taken away nothing that a user wrote, and so cannot let it wait again", async () => {
      const payload = { endpoint: "sektor", keyId: "key_1", userId: null, sectors: null, input: { prompt: "gizli" } };
      const id = await jobs.add("serverless-run", payload, { turn: 1 });
      expect(await jobs.purge("serverless-run")).toBe(1);
      expect(await jobs.get(id)).toMatchObject({ state: "cancelled", payload: { ...payload, input: {} } });
      expect(JSON.stringify(await backend.notes.cancellation(id))).not.toContain("gizli");
      expect(await jobs.retry(id)).toBe(false);
      const other = await jobs.add("webhook", call);
      await jobs.purge("webhook");
      expect(await jobs.retry(other)).toBe(true);
    });

    it("takes jobs of low priority when no others wait", async () => {
      const order: string[] = [];
      await jobs.add("webhook", { ...call, jobId: "low" }, { lowPriority: true });
      await jobs.add("webhook", { ...call, jobId: "first" });
      const last = await jobs.add("webhook", { ...call, jobId: "second" });
      expect((await jobs.counts("webhook")).waiting).toBe(3);
      work(
        async ({ jobId }) => {
          order.push(jobId);
          return { status: 200 };
        },
        { slots: { webhook: 1 } },
      );
      await jobs.waitFor(last, patienceMs);
      await vi.waitFor(() => expect(order).toEqual(["first", "second", "low"]), patienceMs);
    });

    it("takes jobs with a turn by their turn, not as they came", async () => {
      const order: string[] = [];
      for (const [jobId, turn] of Object.entries({ a1: 1, a2: 2, a3: 3, b1: 1, b2: 2 }))
        await jobs.add("webhook", { ...call, jobId }, { turn });
      const last = await jobs.add("webhook", { ...call, jobId: "low" }, { lowPriority: true });
      work(
        async ({ jobId }) => {
          order.push(jobId);
          return { status: 200 };
        },
        { slots: { webhook: 1 } },
      );
      await jobs.waitFor(last, patienceMs);
      await vi.waitFor(() => expect(order).toEqual(["a1", "b1", "a2", "b2", "a3", "low"]), patienceMs);
    });

    it("lets others go first where a handler says so, and then goes on with the job as if nothing had been", async () => {
      const order: string[] = [];
      const long = await jobs.add("webhook", { ...call, jobId: "long" }, { turn: 1, attempts: 1 });
      for (const [jobId, turn] of Object.entries({ b: 1, c: 2, d: 4 }))
        await jobs.add("webhook", { ...call, jobId }, { turn });
      work(
        async ({ jobId }) => {
          order.push(jobId);
          if (jobId === "long" && order.length < 4) throw new JobSetAside(order.length === 1 ? 2 : 3);
          return { status: 200 };
        },
        { slots: { webhook: 1 } },
      );
      expect(await jobs.waitFor(long, patienceMs)).toMatchObject({ state: "completed", error: null, attempts: 3 });
      await vi.waitFor(() => expect(order).toEqual(["long", "b", "long", "c", "long", "d"]), patienceMs);
    });

    it("says how many wait of each kind", async () => {
      expect(await jobs.tally("webhook", ({ jobId }) => jobId)).toEqual(new Map());
      await jobs.add("webhook", { ...call, jobId: "a" });
      await jobs.add("webhook", { ...call, jobId: "a" }, { delayMs: 3_600_000 });
      await jobs.add("webhook", { ...call, jobId: "b" }, { turn: 7 });
      await jobs.add("webhook", { ...call, jobId: "b" }, { lowPriority: true });
      await jobs.add("webhook", { ...call, jobId: "c" });
      const tally = await jobs.tally("webhook", ({ jobId }) => jobId);
      expect(tally).toEqual(
        new Map(
          [
            ["a", 2],
            ["b", 2],
            ["c", 1],
          ].map(([key, count]) => [key as string, count as number]),
        ),
      );
    });

    it("gives what a job says in order, from anywhere on, while it runs and afterwards", async () => {
      const goOn = deferred();
      work(async (_payload, { emit }) => {
        for (const word of ["Bir", "iki\0", { uc: 3 }]) await emit(word);
        await goOn.promise;
        await emit("son");
        return { status: 200 };
      });
      const id = await jobs.add("webhook", call);
      const heard: unknown[] = [];
      let cursor: string | undefined;
      let ended = false;
      while (!ended) {
        const read = await jobs.read(id, cursor, { waitMs: patienceMs });
        heard.push(...(read?.chunks ?? []));
        cursor = read?.cursor;
        ended = read?.ended ?? true;
        if (heard.length === 3) goOn.resolve();
      }
      const all = ["Bir", "iki\uFFFD", { uc: 3 }, "son"];
      expect(heard).toEqual(all);
      expect(await jobs.read(id)).toMatchObject({ chunks: all, restarted: false });
      expect(await jobs.read(id, cursor)).toMatchObject({ chunks: [], ended: true });
    });

    it("goes on reading where the last one left off, for those who keep no place of their own", async () => {
      const goOn = deferred();
      work(async (_payload, { emit }) => {
        await emit(1);
        await goOn.promise;
        await emit(2);
        return { status: 200 };
      });
      const id = await jobs.add("webhook", call);
      expect((await jobs.readOn(id, { waitMs: patienceMs }))?.chunks).toEqual([1]);
      expect((await jobs.readOn(id))?.chunks).toEqual([]);
      goOn.resolve();
      expect((await jobs.readOn(id, { waitMs: patienceMs }))?.chunks).toEqual([2]);
    });

    it("says that a job began anew, and forgets what the failed attempt had said", async () => {
      const heard = deferred();
      work(async (_payload, { emit, attempt }) => {
        await emit(`attempt ${attempt}`);
        if (attempt > 1) return { status: 200 };
        await heard.promise;
        throw new Error("once");
      });
      const id = await jobs.add("webhook", call, { backoffMs: 1 });
      const first = await jobs.read(id, undefined, { waitMs: patienceMs });
      expect(first).toMatchObject({ chunks: ["attempt 1"], restarted: false });
      heard.resolve();
      const second = await jobs.read(id, first?.cursor, { waitMs: patienceMs });
      expect(second).toMatchObject({ chunks: ["attempt 2"], restarted: true });
      await jobs.waitFor(id, patienceMs);
      expect((await jobs.read(id))?.chunks).toEqual(["attempt 2"]);
    });

    it("shows how far a job is, the last step in any case", async () => {
      const goOn = deferred();
      work(async (_payload, { progress }) => {
        progress({ done: 1, total: 3 });
        await goOn.promise;
        progress({ done: 3, total: 3 });
        return { status: 200 };
      });
      const id = await jobs.add("webhook", call);
      await vi.waitFor(async () => expect((await jobs.get(id))?.progress).toEqual({ done: 1, total: 3 }), patienceMs);
      goOn.resolve();
      expect((await jobs.waitFor(id, patienceMs))?.progress).toEqual({ done: 3, total: 3 });
    });

    it("lists newest first, a page at a time, and counts", async () => {
      for (const id of ["a", "b", "c"]) await jobs.add("webhook", call, { id });
      await jobs.add("webhook", call, { id: "later", delayMs: 3_600_000 });
      const page = async (offset: number) =>
        (await jobs.list({ name: "webhook", group: "waiting", offset, limit: 2 })).jobs.map(({ id }) => id);
      expect(await page(0)).toEqual(["webhook.c", "webhook.b"]);
      expect(await page(2)).toEqual(["webhook.a"]);
      expect((await jobs.list({ name: "webhook", group: "delayed" })).total).toBe(1);
      expect(await jobs.counts("webhook")).toEqual({ waiting: 3, delayed: 1, running: 0, completed: 0, failed: 0 });
      const workers = work(delivered, { slots: { webhook: 1 } });
      await vi.waitFor(async () => expect((await jobs.counts("webhook")).completed).toBe(3), patienceMs);
      await workers[Symbol.asyncDispose]();
      const { jobs: done, total } = await jobs.list({ name: "webhook", group: "completed" });
      expect([done.map(({ id }) => id), total]).toEqual([["webhook.c", "webhook.b", "webhook.a"], 3]);
    });

    it("forgets a job when it was kept long enough, with all it said", async () => {
      work(async (_payload, { emit }) => {
        await emit("Merhaba");
        return { status: 200 };
      });
      const kept = { completed: 3_600_000, failed: 3_600_000 };
      const id = await jobs.add("webhook", call, { retainMs: { ...kept, completed: -1 } });
      const other = await jobs.add("webhook", call, { retainMs: kept });
      await jobs.waitFor(other, patienceMs);
      await vi.waitFor(async () => expect((await jobs.counts("webhook")).completed).toBe(2), patienceMs);
      expect(await jobs.get(id)).toBeUndefined();
      expect(await forgetEnded(backend, "webhook")).toBe(1);
      expect((await jobs.counts("webhook")).completed).toBe(1);
      expect(await backend.notes.after(id, undefined)).toEqual([]);
      expect((await jobs.get(other))?.state).toBe("completed");
    });

    it("keeps what ended for as long as was said, however much that is, up to a bound", async () => {
      work(delivered, { slots: { webhook: 50 } });
      await Promise.all(Array.from({ length: 300 }, (_, at) => jobs.add("webhook", call, { id: `w${at}` })));
      await vi.waitFor(async () => expect((await jobs.counts("webhook")).completed).toBe(300), waitingFor);
      expect(await forgetEnded(backend, "webhook")).toBe(0);
      expect((await jobs.get("webhook.w0"))?.state).toBe("completed");
      expect(await forgetEnded(backend, "webhook", 120)).toBe(180);
      expect((await jobs.counts("webhook")).completed).toBe(120);
      expect(await jobs.get("webhook.w0")).toBeUndefined();
    });

    it("keeps text that no database takes as it stands", async () => {
      work(delivered);
      const id = await jobs.add("webhook", { ...call, url: "https://example.org/\0\uD800" });
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({
        state: "completed",
        payload: { url: "https://example.org/\uFFFD\uFFFD" },
      });
    });

    it("makes a dead letter of what no contract knows, and goes on with the next", async () => {
      await backend.ask("webhook", (queue) => queue.add("webhook", { nonsense: true }, { jobId: "odd", attempts: 3 }));
      await backend.ask("webhook", (queue) => queue.add("webhook", null, { jobId: "nothing", attempts: 3 }));
      work(delivered);
      const id = await jobs.add("webhook", call);
      expect((await jobs.waitFor(id, patienceMs))?.state).toBe("completed");
      for (const odd of ["webhook.odd", "webhook.nothing"])
        expect(await jobs.waitFor(odd, patienceMs)).toMatchObject({
          state: "failed",
          payload: null,
          attempts: 1,
          error: { code: "job_malformed" },
        });
    });

    it("tells who follows a job of its end, before anybody sees the outcome, and whatever the outcome is", async () => {
      const seen: unknown[] = [];
      opened.unshift(
        startTestWorkers(backend, {
          webhook: {
            run: async ({ jobId }) => {
              if (jobId === "bad") throw new Error("bad");
              return { status: 200 };
            },
            ending: async ({ id, payload }) => {
              seen.push([payload.jobId, (await jobs.get(id))?.state]);
              throw new Error("nobody minds");
            },
          },
        }),
      );
      const add = async (jobId: string, options = {}) =>
        (await jobs.waitFor(await jobs.add("webhook", { ...call, jobId }, options), patienceMs))?.state;
      expect(await add("good")).toBe("completed");
      expect(await add("bad", { attempts: 2, backoffMs: 1 })).toBe("failed");
      const late = await jobs.add("webhook", { ...call, jobId: "late" }, { expireMs: -1 });
      await vi.waitFor(async () => expect((await jobs.counts("webhook")).failed).toBe(2), patienceMs);
      expect((await jobs.get(late))?.state).toBe("timed-out");
      expect(seen).toEqual([
        ["good", "running"],
        ["bad", "running"],
        ["late", "running"],
      ]);
    });

    it("gives back what it cannot finish in time when its process has to end", async () => {
      const started = deferred();
      const first = work(
        (payload, context) => {
          started.resolve();
          return untilStopped(payload, context);
        },
        { drainMs: 0 },
      );
      const id = await jobs.add("webhook", call, { attempts: 1 });
      await started.promise;
      await first[Symbol.asyncDispose]();
      expect((await jobs.get(id))?.state).toBe("waiting");
      work(delivered);
      expect(await jobs.waitFor(id, patienceMs)).toMatchObject({ state: "completed", result: { status: 200 } });
    });

    it("finishes what it has begun when its process has to end", async () => {
      const [started, goOn] = [deferred(), deferred()];
      const workers = work(async () => {
        started.resolve();
        await goOn.promise;
        return { status: 200 };
      });
      const [id, next] = [await jobs.add("webhook", call), await jobs.add("webhook", call, { delayMs: 1 })];
      await started.promise;
      const closed = workers[Symbol.asyncDispose]();
      goOn.resolve();
      await closed;
      expect((await jobs.get(id))?.state).toBe("completed");
      expect((await jobs.get(next))?.state).not.toBe("running");
    });

    it("knows how many jobs are taken at once", async () => {
      expect(await jobs.workers("webhook")).toEqual({ processes: 0, slots: 0 });
      work(delivered, { slots: { webhook: 3 } });
      await vi.waitFor(
        async () => expect(await jobs.workers("webhook")).toEqual({ processes: 1, slots: 3 }),
        patienceMs,
      );
    });

    it("keeps one schedule however many processes bring it, and none when its time is empty", async () => {
      const weekly = {
        name: "feedback-report",
        key: "weekly",
        cron: "0 6 * * 1",
        timeZone: "Europe/Istanbul",
        payload: { lastDays: 7 },
      } as const;
      const { signal } = new AbortController();
      await Promise.all([1, 2, 3].map(() => keepSchedule(backend, weekly, quiet, signal)));
      const { jobs: planned } = await jobs.list({ name: "feedback-report", group: "delayed" });
      expect(planned).toHaveLength(1);
      expect(planned[0]).toMatchObject({ state: "delayed", payload: { lastDays: 7 } });
      await expect(jobs.cancel(planned[0]?.id ?? "")).rejects.toMatchObject({ code: "job_scheduled" });
      await keepSchedule(backend, { ...weekly, cron: "" }, quiet, signal);
      expect((await jobs.counts("feedback-report")).delayed).toBe(0);
    });
  });
}
