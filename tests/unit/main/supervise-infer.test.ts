import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { InferChild } from "../../../services/main/supervision/infer-life.ts";
import { superviseInfer } from "../../../services/main/supervision/supervise-infer.ts";

/** A process that does what the test says. `obeys`: whether SIGTERM ends it. */
class ScriptedChild extends EventEmitter implements InferChild {
  readonly pid: number | undefined;
  readonly heard: NodeJS.Signals[] = [];
  obeys = true;

  constructor(pid: number | undefined) {
    super();
    this.pid = pid;
  }

  says(message: string): void {
    this.emit("message", message);
  }

  ends(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.emit("exit", code, signal);
  }

  kill(signal: NodeJS.Signals): boolean {
    this.heard.push(signal);
    if (signal === "SIGKILL" || this.obeys) queueMicrotask(() => this.ends(null, signal));
    return true;
  }
}

const startTimeoutMs = 5_000;

function supervised(launching: (child: ScriptedChild, nth: number) => ScriptedChild = (child) => child) {
  const children: ScriptedChild[] = [];
  const events: { readonly event: string; readonly facts: Record<string, unknown> }[] = [];
  const note = (facts: object, event: string) => void events.push({ event, facts: { ...facts } });
  const answers = vi.fn(async (_signal: AbortSignal) => true);
  const supervisor = superviseInfer({
    launch: () => {
      const child = new ScriptedChild(1000 + children.length);
      children.push(child);
      return launching(child, children.length);
    },
    answers,
    startTimeoutMs,
    log: { debug: note, info: note, warn: note, error: note },
  });
  const last = () => children.at(-1) as ScriptedChild;
  const ended = () => events.filter(({ event }) => event === "infer-ended").map(({ facts }) => facts);
  return { supervisor, children, last, answers, ended };
}

/** One that serves, and whose end is therefore worth a restart. */
function serving(launching?: (child: ScriptedChild, nth: number) => ScriptedChild) {
  const all = supervised(launching);
  all.last().says("ready");
  return all;
}

const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the first start", () => {
  it("is done when the child says so, however long it goes on saying that it is alive", async () => {
    const { supervisor, last } = supervised();
    for (let i = 0; i < 10; i++) {
      await passes(startTimeoutMs - 1);
      last().says("alive");
    }
    last().says("ready");
    await expect(supervisor.ready).resolves.toBeUndefined();
    await passes(startTimeoutMs * 2);
    expect(last().heard).toEqual([]);
  });

  it("fails with its own error when nothing is heard of it, and the child is ended", async () => {
    const { supervisor, children } = supervised();
    const failed = expect(supervisor.ready).rejects.toMatchObject({
      code: "infer_start_failed",
      message: expect.stringContaining(`said nothing for ${startTimeoutMs} ms`),
    });
    await passes(startTimeoutMs);
    await failed;
    expect(children.map(({ heard }) => heard)).toEqual([["SIGTERM"]]);
    await passes(60_000);
    expect(children).toHaveLength(1);
  });

  it("fails when the child ends, and nothing is started again", async () => {
    const { supervisor, children, last } = supervised();
    last().ends(1);
    await expect(supervisor.ready).rejects.toMatchObject({ message: expect.stringContaining("ended with status 1") });
    await passes(60_000);
    expect(children).toHaveLength(1);
  });

  it("fails, and the gateway does not, where no process can be made", async () => {
    const thrown = supervised(() => {
      throw new Error("spawn ENOMEM");
    });
    await expect(thrown.supervisor.ready).rejects.toMatchObject({
      code: "infer_start_failed",
      message: expect.stringContaining("ENOMEM"),
    });
    await thrown.supervisor.close();

    vi.useRealTimers();
    let child: ChildProcess | undefined;
    const real = superviseInfer({
      launch: () => {
        child = fork(fileURLToPath(import.meta.url), [], { execPath: "/no/such/program" });
        return child;
      },
      answers: async () => true,
      startTimeoutMs,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
    await expect(real.ready).rejects.toMatchObject({ message: expect.stringContaining("ENOENT") });
    await real.close();
  });
});

describe("a child that has served and ends", () => {
  it("is started again, at once or nearly so, then after pauses that double up to ten seconds", async () => {
    const { supervisor, children, last, ended } = serving();
    for (let i = 0; i < 8; i++) {
      const before = children.length;
      last().ends(null, "SIGABRT");
      const pauseMs = Number(ended().at(-1)?.["pauseMs"]);
      expect(supervisor.pid).toBeUndefined();
      await passes(pauseMs - 1);
      expect(children).toHaveLength(before);
      await passes(1);
      expect(children).toHaveLength(before + 1);
      expect(supervisor.pid).toBe(last().pid);
    }
    expect(ended().map(({ pauseMs }) => pauseMs)).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(supervisor.restarts).toBe(8);
  });

  it("is forgiven what was before when it has served for a minute, not when it only took long to start", async () => {
    const { last, ended } = serving();
    last().ends(1);
    await passes(200);
    for (let i = 0; i < 20; i++) {
      await passes(startTimeoutMs - 1);
      last().says("alive");
    }
    last().ends(1);
    await passes(400);
    last().says("ready");
    await passes(60_001);
    last().ends(1);
    expect(ended().map(({ pauseMs }) => pauseMs)).toEqual([200, 400, 200]);
  });

  it("is tried again with the same pauses where no process can be made", async () => {
    const { children, last, ended } = serving((child, nth) => {
      if (nth === 2) throw new Error("spawn ENOMEM");
      if (nth !== 3) return child;
      const none = new ScriptedChild(undefined);
      queueMicrotask(() => none.emit("error", new Error("spawn EMFILE")));
      return none;
    });
    last().ends(1);
    await passes(200);
    await passes(400);
    await passes(800);
    expect(children).toHaveLength(4);
    last().says("ready");
    expect(ended()).toMatchObject([
      { code: 1, pauseMs: 200 },
      { error: expect.stringContaining("ENOMEM"), pauseMs: 400 },
      { error: expect.stringContaining("EMFILE"), pauseMs: 800 },
    ]);
  });

  it("is tried once more when its successor never says that it serves", async () => {
    const { children, last, ended } = serving();
    last().ends(1);
    await passes(200);
    last().obeys = false;
    await passes(startTimeoutMs);
    expect(last().heard).toEqual(["SIGTERM"]);
    await passes(10_000);
    expect(last().heard).toEqual(["SIGTERM", "SIGKILL"]);
    expect(ended().at(-1)).toMatchObject({ signal: "SIGKILL", killedFor: "start-silent", pauseMs: 400 });
    await passes(400);
    expect(children).toHaveLength(3);
  });
});

describe("a child that serves", () => {
  const unheard = (signal: AbortSignal) =>
    new Promise<boolean>((resolve) => signal.addEventListener("abort", () => resolve(false)));

  it("is killed and started again when it has answered nothing for two minutes", async () => {
    const { children, answers, ended, supervisor } = serving();
    answers.mockImplementation(unheard);
    await passes(119_999);
    expect(children[0]?.heard).toEqual([]);
    await passes(1);
    expect(children[0]?.heard).toEqual(["SIGKILL"]);
    expect(ended()).toMatchObject([{ signal: "SIGKILL", killedFor: "no-answer", pauseMs: 200 }]);
    await passes(200);
    expect(supervisor.restarts).toBe(1);
  });

  it("is left alone when it answers now and then", async () => {
    const { children, answers } = serving();
    let asked = 0;
    answers.mockImplementation((signal) => (++asked % 6 === 0 ? Promise.resolve(true) : unheard(signal)));
    await passes(3_600_000);
    expect(asked).toBeGreaterThan(100);
    expect(children).toHaveLength(1);
    expect(children[0]?.heard).toEqual([]);
  });

  it("is asked nothing any more once it has ended", async () => {
    const { last, answers } = serving();
    answers.mockImplementation(unheard);
    await passes(15_000);
    last().ends(1);
    expect(answers).toHaveBeenCalledOnce();
    expect(answers.mock.calls[0]?.[0].aborted).toBe(true);
    await passes(startTimeoutMs - 1);
    expect(answers).toHaveBeenCalledOnce();
  });
});

describe("closing", () => {
  it("ends the child, with force where it does not listen, and starts nothing again", async () => {
    const { supervisor, children, last } = serving();
    last().obeys = false;
    const closed = supervisor.close();
    await passes(10_000);
    await closed;
    expect(last().heard).toEqual(["SIGTERM", "SIGKILL"]);
    await passes(60_000);
    expect(children).toHaveLength(1);
  });

  it("between two lives ends the waiting, too", async () => {
    const { supervisor, children, last } = serving();
    last().ends(1);
    await supervisor.close();
    await passes(60_000);
    expect(children).toHaveLength(1);
  });
});
