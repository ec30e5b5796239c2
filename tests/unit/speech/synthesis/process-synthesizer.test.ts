import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  SpeechQueueFullError,
  SpeechSetupError,
  SynthesizerUnavailableError,
} from "../../../../services/speech/errors.ts";
import { launchProcess } from "../../../../services/speech/synthesis/process/launch-process.ts";
import type { ProcessSynthesizer } from "../../../../services/speech/synthesis/process/process-synthesizer.ts";
import { describeSynthesizer, spoken } from "../../../conformance/synthesizer.conformance.ts";
import { hummingSynthesizer } from "../../../support/humming-synthesizer.ts";

const never = new AbortController().signal;

/** Starts the process, and writes down what it is asked to say. */
function watchedLaunch() {
  const asked: string[] = [];
  const launch = () => {
    const child = launchProcess(new URL("../../../support/speaking-child", import.meta.url), []);
    const send = child.send.bind(child) as (message: object, sent: () => void) => boolean;
    return Object.assign(child, {
      send: (message: { readonly text: string }, sent: () => void) => {
        asked.push(message.text);
        return send(message, sent);
      },
    });
  };
  return { launch, asked };
}

describe("ProcessSynthesizer", () => {
  let shared: ReturnType<typeof hummingSynthesizer>;
  beforeAll(() => {
    shared = hummingSynthesizer();
  });
  afterAll(() => shared.synthesizer[Symbol.asyncDispose]());

  describeSynthesizer("conformance", { open: async () => shared.synthesizer, tolerance: 0 });

  const opened: ProcessSynthesizer[] = [];
  const open: typeof hummingSynthesizer = (...args) => {
    const made = hummingSynthesizer(...args);
    opened.push(made.synthesizer);
    return made;
  };
  afterEach(async () => {
    for (const synthesizer of opened.splice(0)) await synthesizer[Symbol.asyncDispose]();
  });

  it("starts nothing before it is needed", async () => {
    const { synthesizer } = open();
    expect(synthesizer.pid).toBeUndefined();
    await synthesizer.ready();
    expect(synthesizer.pid).toBeGreaterThan(0);
  });

  it("fails what a crash cut off, and speaks again afterwards in another process", async () => {
    const { synthesizer, logged } = open();
    await synthesizer.ready();
    const { pid } = synthesizer;
    await expect(spoken(synthesizer, { text: "çök" })).rejects.toThrow(SynthesizerUnavailableError);
    expect(await spoken(synthesizer, { text: "merhaba" })).toHaveLength(7 * 160);
    expect(synthesizer.pid).not.toBe(pid);
    expect(logged.map(({ event }) => event)).toEqual(["synthesizer-serves", "synthesizer-ended", "synthesizer-serves"]);
  });

  it("goes on after a crash with what others had asked for meanwhile", async () => {
    const { synthesizer } = open();
    await synthesizer.ready();
    const outcomes = await Promise.allSettled(["çök", "bir", "iki", "üç"].map((text) => spoken(synthesizer, { text })));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
  });

  it("kills a process that is silent for too long, and those behind are served by the next", async () => {
    const { synthesizer, logged } = open("", { pieceTimeoutMs: 300 });
    await synthesizer.ready();
    const [hung, behind] = await Promise.allSettled([
      spoken(synthesizer, { text: "sus" }),
      spoken(synthesizer, { text: "merhaba" }),
    ]);
    expect(hung).toMatchObject({ status: "rejected", reason: { code: "synthesizer_unavailable" } });
    expect(behind).toMatchObject({ status: "fulfilled" });
    expect(logged.map(({ event }) => event)).toContain("synthesizer-hangs");
  });

  it("lets go of a caller at once, though the process is not done", async () => {
    const { synthesizer } = open();
    const giving = new AbortController();
    const reason = new Error("enough");
    const reading = (async () => {
      for await (const _ of synthesizer.synthesize({ text: "sus şimdi" }, giving.signal))
        setImmediate(() => giving.abort(reason));
    })();
    await expect(reading).rejects.toBe(reason);
  });

  it("fails one piece without ending, and writes no word of it down", async () => {
    const { synthesizer, logged } = open();
    await expect(spoken(synthesizer, { text: "bozuk gizli söz" })).rejects.toThrow(SynthesizerUnavailableError);
    expect(await spoken(synthesizer, { text: "merhaba" })).toHaveLength(7 * 160);
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toContain("gizli");
  });

  it("says what is missing, to callers with the cure and to the log once", async () => {
    const { synthesizer, logged } = open("refuse");
    for (let i = 0; i < 3; i++) {
      const failure = await synthesizer.ready().catch((caught) => caught);
      expect(failure).toBeInstanceOf(SynthesizerUnavailableError);
      expect(failure.cause).toBeInstanceOf(SpeechSetupError);
      expect(failure.message).toContain("The voice is missing.");
      expect(failure.messageTr).toContain("Ses eksik.");
    }
    await expect(spoken(synthesizer, { text: "merhaba" })).rejects.toThrow(SynthesizerUnavailableError);
    expect(logged.map(({ event }) => event)).toEqual(["synthesizer-unavailable"]);
  });

  it("tells the log what a process wrote before it ended at its start", async () => {
    const { synthesizer, logged } = open("end");
    await expect(synthesizer.ready()).rejects.toThrow(SynthesizerUnavailableError);
    expect(logged[0]?.facts["detail"]).toContain("It ended with 7. the library says why");
  });

  it("gives up on a process that never says it is ready", async () => {
    const { synthesizer } = open("wait", { startTimeoutMs: 200 });
    await expect(synthesizer.ready()).rejects.toThrow(SynthesizerUnavailableError);
  });

  it("refuses more new utterances than may wait, and takes the next when the first are done", async () => {
    const { synthesizer } = open("", { queueLimit: 2 });
    const outcomes = await Promise.allSettled(
      ["bir", "iki", "üç", "dört", "beş"].map((text) => spoken(synthesizer, { text })),
    );
    // One is being spoken, two wait.
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...["fulfilled", "fulfilled", "fulfilled"],
      ...["rejected", "rejected"],
    ]);
    expect(outcomes[4]).toMatchObject({ reason: expect.any(SpeechQueueFullError) });
    expect(await spoken(synthesizer, { text: "altı" })).toHaveLength(4 * 160);
  });

  it("has no more spoken in advance than a few seconds for a listener who does not listen", async () => {
    const { launch, asked } = watchedLaunch();
    const { synthesizer } = open("", { launch });
    const text = "Bu cümle altmış harften uzundur ve ikinci bir parçaya sığmaz. ".repeat(40).trim();
    const slow = synthesizer.synthesize({ text }, never)[Symbol.asyncIterator]();
    let samples = ((await slow.next()).value as Int16Array).length;
    // Whatever else the process would say for the slow one is ahead of these in its line.
    for (let i = 0; i < 3; i++) await spoken(synthesizer, { text: "merhaba" });
    expect(asked.length).toBeLessThanOrEqual(3 + 4);
    for (let next = await slow.next(); next.done !== true; next = await slow.next()) samples += next.value.length;
    expect(asked.length).toBeGreaterThan(3 + 20);
    expect(samples).toBeGreaterThan(0.95 * text.length * 160);
  });

  it("finishes the one piece that an abandoned speech has under way, and then speaks for the next caller", async () => {
    const { launch, asked } = watchedLaunch();
    const { synthesizer } = open("", { launch });
    await synthesizer.ready();
    const giving = new AbortController();
    const reason = new Error("the caller speaks");
    const abandoned = (async () => {
      const text = "yavaş yavaş anlatılan bir yanıt, yavaş ve uzun. ".repeat(40);
      for await (const _ of synthesizer.synthesize({ text }, giving.signal)) giving.abort(reason);
    })();
    await expect(abandoned).rejects.toBe(reason);
    expect(await spoken(synthesizer, { text: "merhaba" })).toHaveLength(7 * 160);
    expect(asked).toHaveLength(2);
    expect(asked[0]?.length).toBeLessThanOrEqual(120);
    expect(asked[1]).toBe("merhaba");
  });

  it("refuses when it was closed", async () => {
    const { synthesizer } = open();
    await synthesizer.ready();
    await synthesizer[Symbol.asyncDispose]();
    expect(synthesizer.pid).toBeUndefined();
    await expect(spoken(synthesizer, { text: "merhaba" })).rejects.toThrow(SynthesizerUnavailableError);
  });

  it("leaves no process behind when its own is killed", async () => {
    const parent = launchProcess(new URL("../../../support/speaking-parent", import.meta.url), []);
    const pid = await new Promise<number>((resolve) => parent.once("message", (message) => resolve(Number(message))));
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
