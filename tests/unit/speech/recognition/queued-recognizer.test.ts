import { expect, it } from "vitest";
import {
  RecognizerUnavailableError,
  SpeechQueueFullError,
  SpeechSetupError,
} from "../../../../services/speech/index.ts";
import {
  type QueueOptions,
  queuedRecognizer,
  type RecognitionFacts,
} from "../../../../services/speech/recognition/queued-recognizer.ts";
import { settle } from "../../../support/macrotask.ts";
import { scriptedRecognitionEngine } from "../../../support/scripted-recognition-engine.ts";

const never = new AbortController().signal;

function utterance(first: number, samples = 1600): Float32Array {
  return new Float32Array(samples).fill(first);
}

function open(options: Partial<QueueOptions> = {}, parallel = 1, ready?: () => Promise<void>) {
  const { engine, asked, closed } = scriptedRecognitionEngine(parallel, ready);
  return { recognizer: queuedRecognizer(engine, { queueLimit: 8, timeoutMs: 60_000, ...options }), asked, closed };
}

it("asks the engine for as many at once as it takes, and for the next when one is done", async () => {
  const { recognizer, asked } = open({}, 2);
  const heard = [0.1, 0.2, 0.3].map((first) => recognizer.recognize(utterance(first), {}, never));
  await settle();
  expect(asked.map(({ first }) => first)).toEqual([0.1, 0.2]);
  asked[0]?.answer("bir");
  expect((await heard[0])?.text).toBe("bir");
  await settle();
  expect(asked.map(({ first }) => first)).toEqual([0.1, 0.2, 0.3]);
});

it("answers a partial that still waits with the newer one of its source, and recognises only that", async () => {
  const { recognizer, asked } = open();
  const busy = recognizer.recognize(utterance(0.9), {}, never);
  await settle();
  const older = recognizer.recognize(utterance(0.1), { partial: true, source: "a" }, never);
  const newer = recognizer.recognize(utterance(0.2), { partial: true, source: "a" }, never);
  const other = recognizer.recognize(utterance(0.3), { partial: true, source: "b" }, never);
  await settle();
  asked[0]?.answer("meşgul");
  await busy;
  await settle();
  asked[1]?.answer("yeni");
  expect((await older).text).toBe("yeni");
  expect((await newer).text).toBe("yeni");
  await settle();
  asked[2]?.answer("başka");
  expect((await other).text).toBe("başka");
  expect(asked.map(({ first }) => first)).toEqual([0.9, 0.2, 0.3]);
});

it("answers a partial that still waits with its source's final", async () => {
  const { recognizer, asked } = open();
  const busy = recognizer.recognize(utterance(0.9), {}, never);
  await settle();
  const partial = recognizer.recognize(utterance(0.1), { partial: true, source: "a" }, never);
  const final = recognizer.recognize(utterance(0.2), { source: "a" }, never);
  await settle();
  asked[0]?.answer("meşgul");
  await busy;
  await settle();
  expect(asked[1]?.options.partial).toBeUndefined();
  asked[1]?.answer("sonuç");
  expect([(await partial).text, (await final).text]).toEqual(["sonuç", "sonuç"]);
  expect(asked).toHaveLength(2);
});

it("does not recognise what nobody waits for any more", async () => {
  const { recognizer, asked } = open();
  const busy = recognizer.recognize(utterance(0.9), {}, never);
  await settle();
  const leaving = new AbortController();
  const left = recognizer.recognize(utterance(0.1), {}, leaving.signal);
  await settle();
  leaving.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  asked[0]?.answer("meşgul");
  await busy;
  await settle();
  expect(asked).toHaveLength(1);
});

it("goes on with a merged partial while one of its callers waits, and tells the engine when the last has gone", async () => {
  const { recognizer, asked } = open();
  const busy = recognizer.recognize(utterance(0.9), {}, never);
  await settle();
  const [first, second] = [new AbortController(), new AbortController()];
  const older = recognizer.recognize(utterance(0.1), { partial: true, source: "a" }, first.signal);
  const newer = recognizer.recognize(utterance(0.2), { partial: true, source: "a" }, second.signal);
  await settle();
  asked[0]?.answer("meşgul");
  await busy;
  await settle();
  first.abort(new Error("one gone"));
  await expect(older).rejects.toThrow("one gone");
  expect(asked[1]?.signal.aborted).toBe(false);
  second.abort(new Error("all gone"));
  await expect(newer).rejects.toThrow("all gone");
  expect(asked[1]?.signal.aborted).toBe(true);
});

it("keeps the engine's place taken until the engine has really stopped", async () => {
  const { recognizer, asked } = open();
  const leaving = new AbortController();
  const left = recognizer.recognize(utterance(0.1), {}, leaving.signal);
  const next = recognizer.recognize(utterance(0.2), {}, never);
  await settle();
  leaving.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  await settle();
  expect(asked).toHaveLength(1);
  asked[0]?.fail(new Error("stopped"));
  await settle();
  asked[1]?.answer("iki");
  expect((await next).text).toBe("iki");
});

it("refuses what has no place, and takes a final for a partial", async () => {
  const { recognizer, asked } = open({ queueLimit: 1 });
  const busy = recognizer.recognize(utterance(0.9), {}, never);
  await settle();
  const partial = recognizer.recognize(utterance(0.1), { partial: true, source: "a" }, never);
  await settle();
  const final = recognizer.recognize(utterance(0.2), {}, never);
  await expect(partial).rejects.toThrow(RecognizerUnavailableError);
  await expect(recognizer.recognize(utterance(0.3), {}, never)).rejects.toThrow(SpeechQueueFullError);
  asked[0]?.answer("meşgul");
  await busy;
  await settle();
  asked[1]?.answer("sonuç");
  expect((await final).text).toBe("sonuç");
});

it("gives up on an utterance whose turn does not come in time", async () => {
  const { recognizer } = open({ timeoutMs: 30 });
  void recognizer.recognize(utterance(0.9), {}, never);
  await expect(recognizer.recognize(utterance(0.1), {}, never)).rejects.toThrow(RecognizerUnavailableError);
});

it("gives up on an engine that is not ready in time, and goes when the caller does", async () => {
  const { recognizer } = open({ timeoutMs: 30 }, 1, () => new Promise(() => {}));
  await expect(recognizer.recognize(utterance(0.1), {}, never)).rejects.toThrow(RecognizerUnavailableError);
  await expect(recognizer.ready(AbortSignal.timeout(5))).rejects.toThrow("timeout");
});

it("calls every failure of an engine by the one name, with an incomplete setup's cure", async () => {
  const { recognizer, asked } = open();
  const broken = recognizer.recognize(utterance(0.1), {}, never);
  await settle();
  asked[0]?.fail(new Error("segmentation fault at 0x0"));
  await expect(broken).rejects.toMatchObject({
    code: "recognizer_unavailable",
    message: "Speech recognition is not available right now.",
  });
  const unset = recognizer.recognize(utterance(0.1), {}, never);
  await settle();
  asked[1]?.fail(new SpeechSetupError({ en: "Install it.", tr: "Kurun." }));
  await expect(unset).rejects.toMatchObject({
    code: "recognizer_unavailable",
    message: "Speech recognition is not available right now. Install it.",
    messageTr: "Konuşma tanıma şu anda kullanılamıyor. Kurun.",
  });
});

it("tells what a recognition took, and no confidence where nothing was said or the engine rates nothing", async () => {
  const told: RecognitionFacts[] = [];
  let nowMs = 0;
  const { recognizer, asked } = open({ onRecognized: (facts) => told.push(facts), nowMs: () => nowMs });
  const first = recognizer.recognize(utterance(0.1, 16_000), {}, never);
  const second = recognizer.recognize(utterance(0.2, 8000), { partial: true }, never);
  await settle();
  nowMs = 250;
  asked[0]?.answer("bir");
  await first;
  await settle();
  nowMs = 300;
  asked[1]?.answer("");
  await second;
  const third = recognizer.recognize(utterance(0.3, 8000), {}, never);
  await settle();
  asked[2]?.answer("üç", null);
  await third;
  expect(told).toEqual([
    { seconds: 0.25, waitedSeconds: 0, audioSeconds: 1, confidence: 0.8, partial: false },
    { seconds: 0.05, waitedSeconds: 0.25, audioSeconds: 0.5, confidence: undefined, partial: true },
    { seconds: 0, waitedSeconds: 0, audioSeconds: 0.5, confidence: undefined, partial: false },
  ]);
});

it("lets everybody who waits go when it is closed", async () => {
  const { recognizer, closed } = open();
  void recognizer.recognize(utterance(0.9), {}, never);
  const waiting = recognizer.recognize(utterance(0.1), {}, never);
  await settle();
  const refused = expect(waiting).rejects.toThrow(RecognizerUnavailableError);
  await recognizer[Symbol.asyncDispose]();
  await refused;
  expect(closed()).toBe(true);
});
