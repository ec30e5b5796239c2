import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Recognizer } from "../../../../services/speech/index.ts";
import { nativeEngine } from "../../../../services/speech/recognition/native/native-engine.ts";
import type { NativeStart } from "../../../../services/speech/recognition/native/native-messages.ts";
import { queuedRecognizer } from "../../../../services/speech/recognition/queued-recognizer.ts";
import { describeRecognizer } from "../../../conformance/recognizer.conformance.ts";
import { settle } from "../../../support/macrotask.ts";
import { tone } from "../../../support/speech.ts";

const never = new AbortController().signal;
const fakePackage = fileURLToPath(new URL("../../../support/fake-whisper.cjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sektor-whisper-"));
const model = join(folder, "model.bin");
const said: string[] = [];

beforeAll(() => writeFileSync(model, "lmgg"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(start: Partial<NativeStart & { engine: "whisper" }> = {}, timeoutMs = 20_000) {
  const note = (facts: object, event: string) => void said.push(`${event} ${JSON.stringify(facts)}`);
  const engine = nativeEngine({
    name: "whisper",
    partials: false,
    start: async () => ({ engine: "whisper", model, threads: 1, package: fakePackage, ...start }),
    timeoutMs,
    logger: { debug: note, info: note, warn: note, error: note },
  });
  const recognizer = queuedRecognizer(engine, { queueLimit: 64, timeoutMs: 20_000 });
  return { engine, recognizer, [Symbol.asyncDispose]: () => recognizer[Symbol.asyncDispose]() };
}

function hear(recognizer: Recognizer, first: number, signal = never) {
  return recognizer.recognize(new Float32Array(24_000).fill(0.1).fill(first, 0, 1), {}, signal);
}

describeRecognizer("whisper", async () => {
  const opened = open();
  return {
    recognizer: opened.recognizer,
    speech: tone(1500),
    said: /^Merhaba, tr dünya\.$/,
    [Symbol.asyncDispose]: opened[Symbol.asyncDispose],
  };
});

it("passes the language and the likely words on, and rates nothing that Whisper does not", async () => {
  await using opened = open();
  const heard = await opened.recognizer.recognize(tone(1500), { language: "en", prompt: "kargo" }, never);
  expect(heard).toMatchObject({ text: "Merhaba, en dünya. kargo", confidence: null });
  expect(heard.words.map(({ confidence }) => confidence)).toEqual([null, null, null, null]);
});

it("outlives a crash of the library: that call fails, the next one is heard by a new process", async () => {
  await using opened = open();
  await opened.recognizer.ready();
  const before = opened.engine.pid();
  await expect(hear(opened.recognizer, 1)).rejects.toMatchObject({ code: "recognizer_unavailable" });
  expect((await hear(opened.recognizer, 0.1)).text).toBe("Merhaba, tr dünya.");
  expect(opened.engine.pid()).not.toBe(before);
});

it("outlives a process that is killed", async () => {
  await using opened = open();
  await opened.recognizer.ready();
  const under = hear(opened.recognizer, -1);
  const failed = expect(under).rejects.toMatchObject({ code: "recognizer_unavailable" });
  process.kill(opened.engine.pid() ?? 0, "SIGKILL");
  await failed;
  expect((await hear(opened.recognizer, 0.1)).text).toBe("Merhaba, tr dünya.");
});

it("kills a process that does not answer in time", async () => {
  await using opened = open({}, 300);
  await expect(hear(opened.recognizer, -1)).rejects.toMatchObject({ code: "recognizer_unavailable" });
  expect(opened.engine.pid()).toBeUndefined();
  expect((await hear(opened.recognizer, 0.1)).text).toBe("Merhaba, tr dünya.");
});

it("lets a caller go at once, and hears the next one in the same process when the library is done", async () => {
  await using opened = open();
  await opened.recognizer.ready();
  const before = opened.engine.pid();
  const leaving = new AbortController();
  const left = hear(opened.recognizer, 0.50001, leaving.signal);
  const next = hear(opened.recognizer, 0.1);
  await settle();
  leaving.abort(new Error("hung up"));
  await expect(left).rejects.toThrow("hung up");
  expect((await next).text).toBe("Merhaba, tr dünya.");
  expect(opened.engine.pid()).toBe(before);
});

it("names the package that is missing, with the command that installs it", async () => {
  await using opened = open({ package: "@fugood/not-installed" });
  await expect(opened.recognizer.ready()).rejects.toMatchObject({
    code: "recognizer_unavailable",
    message: expect.stringContaining("npm install --save-exact @fugood/node-whisper-"),
    messageTr: expect.stringContaining("npm install --save-exact @fugood/node-whisper-"),
  });
});

it("names a model that the library cannot read, without its path", async () => {
  const broken = join(folder, "broken.bin");
  writeFileSync(broken, "<html>");
  await using opened = open({ model: broken });
  const failure = await opened.recognizer.ready().catch((caught: Error) => caught);
  expect(failure).toMatchObject({ message: expect.stringContaining("SEKTOR_RECOGNIZER_MODEL") });
  expect(String(failure)).not.toContain(folder);
});

it("ends its process when it is closed", async () => {
  const opened = open();
  await opened.recognizer.ready();
  const pid = opened.engine.pid() ?? 0;
  await opened.recognizer[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

it("does not wait for a process that is still starting, or a model that is still on its way, when it is closed", async () => {
  const waiting = nativeEngine({
    name: "whisper",
    partials: false,
    start: (closing) => new Promise((_, reject) => closing.addEventListener("abort", () => reject(closing.reason))),
    timeoutMs: 20_000,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const refused = expect(waiting.ready()).rejects.toMatchObject({ name: "AbortError" });
  await waiting[Symbol.asyncDispose]();
  await refused;

  const opened = open();
  const starting = expect(opened.recognizer.ready()).rejects.toMatchObject({ code: "recognizer_unavailable" });
  await opened.recognizer[Symbol.asyncDispose]();
  await starting;
});
