import { afterEach, expect, it } from "vitest";
import { sileroActivity } from "../../../../services/speech/activity/silero-activity.ts";
import {
  SpeechQueueFullError,
  SpeechSetupError,
  VoiceActivityUnavailableError,
  voiceFrameSamples,
} from "../../../../services/speech/index.ts";
import { InferenceHost } from "../../../../services/speech/worker/inference-host.ts";

const opened: InferenceHost[] = [];
const said: string[] = [];

function open({ timeoutMs = 20_000, ctcModel = "there" } = {}): InferenceHost {
  const note = (facts: object, event: string) => void said.push(`${event} ${JSON.stringify(facts)}`);
  const host = new InferenceHost({
    voiceModel: "there",
    ctc: { model: ctcModel, tokens: "there", languageModel: "there" },
    threads: 1,
    timeoutMs,
    logger: { debug: note, info: note, warn: note, error: note },
    workerFile: new URL("../../../support/fake-inference-worker.mjs", import.meta.url),
  });
  opened.push(host);
  return host;
}

function frames(count: number, first = 0.1): Float32Array {
  return new Float32Array(count * voiceFrameSamples).fill(first);
}

afterEach(async () => {
  for (const host of opened.splice(0)) await host[Symbol.asyncDispose]();
  said.length = 0;
});

it("loads a model once, whoever asks and however many", async () => {
  const host = open();
  await Promise.all([host.load("voice"), host.load("voice"), host.feed(1, frames(1)), host.load("ctc")]);
  expect(said.filter((line) => line.startsWith("speech-model-loaded"))).toHaveLength(2);
});

it("keeps streams apart, and each in its order", async () => {
  const host = open();
  const feeds = [host.feed(1, frames(2)), host.feed(2, frames(1)), host.feed(1, frames(1)), host.feed(2, frames(3))];
  expect((await Promise.all(feeds)).map((found) => [...found])).toEqual([[1, 2], [1], [3], [2, 3, 4]]);
});

it("forgets a stream after what was fed before, not earlier", async () => {
  const host = open();
  await host.feed(1, frames(1));
  const before = host.feed(1, frames(1));
  host.forget(1);
  const after = host.feed(1, frames(1));
  expect([[...(await before)], [...(await after)]]).toEqual([[2], [1]]);
});

it("fails what is under way when the thread dies, and serves the next caller with a new thread that remembers nothing", async () => {
  const host = open();
  await host.load("ctc");
  await host.feed(1, frames(3));
  const deadly = host.recognize(frames(1, 0.9));
  const underWay = host.feed(1, frames(1));
  await expect(deadly).rejects.toThrow("out of memory");
  await expect(underWay).rejects.toThrow("out of memory");
  expect([...(await host.feed(1, frames(1)))]).toEqual([1]);
  expect((await host.recognize(frames(1))).text).toBe("512");
});

it("ends a thread that does not answer in time, even one that never comes back", async () => {
  const host = open({ timeoutMs: 200 });
  await host.load("voice");
  await expect(host.recognize(frames(1, 0.8))).rejects.toThrow("No answer within 200 ms.");
  expect([...(await host.feed(1, frames(1)))]).toEqual([1]);
  await expect(host.recognize(frames(1, 0.7))).rejects.toThrow("No answer within 200 ms.");
});

it("says once what is missing and how to cure it, and tries again for the next caller", async () => {
  const host = open({ ctcModel: "missing" });
  await expect(host.load("ctc")).rejects.toThrow(SpeechSetupError);
  await expect(host.recognize(frames(1))).rejects.toThrow("Put it back.");
  expect(said).toEqual([
    'speech-model-unusable {"model":"ctc","failure":"Put it back.","why":"ENOENT","cure":"Geri koyun."}',
  ]);
  // The other model is none the worse for it.
  expect([...(await host.feed(1, frames(1)))]).toEqual([1]);
});

it("refuses everybody once it is closed", async () => {
  const host = open();
  await host.load("voice");
  await host[Symbol.asyncDispose]();
  await expect(host.feed(1, frames(1))).rejects.toThrow("not available");
});

it("gives voice activity that leaves the caller's samples alone and wants whole frames", async () => {
  const activity = sileroActivity(open());
  const stream = activity.open();
  const samples = frames(2, 0.3);
  expect([...(await stream.feed(samples))]).toEqual([1, 2]);
  expect(samples).toEqual(frames(2, 0.3));
  expect(await stream.feed(new Float32Array())).toHaveLength(0);
  await expect(stream.feed(new Float32Array(500))).rejects.toThrow(RangeError);
});

it("gives every microphone a stream of its own, that resets, and ends", async () => {
  const activity = sileroActivity(open());
  const [one, other] = [activity.open(), activity.open()];
  await one.feed(frames(5));
  expect([...(await other.feed(frames(1)))]).toEqual([1]);
  one.reset();
  expect([...(await one.feed(frames(1)))]).toEqual([1]);
  one.close();
  one.close();
  await expect(one.feed(frames(1))).rejects.toThrow(VoiceActivityUnavailableError);
  expect([...(await other.feed(frames(1)))]).toEqual([2]);
});

it("refuses a microphone that runs far ahead of the worker", async () => {
  const stream = sileroActivity(open()).open();
  const fed = Array.from({ length: 65 }, () => stream.feed(frames(1)));
  await expect(fed[64]).rejects.toThrow(SpeechQueueFullError);
  expect([...((await fed[63]) ?? [])]).toEqual([64]);
});

it("calls a thread's death unavailable voice activity", async () => {
  const stream = sileroActivity(open()).open();
  await expect(stream.feed(frames(1, 0.9))).rejects.toThrow(VoiceActivityUnavailableError);
  expect([...(await stream.feed(frames(1)))]).toEqual([1]);
});
