import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createLogger } from "../../services/observability/index.ts";
import { nativeEngine } from "../../services/speech/recognition/native/native-engine.ts";
import type { NativeStart } from "../../services/speech/recognition/native/native-messages.ts";
import { queuedRecognizer } from "../../services/speech/recognition/queued-recognizer.ts";
import { describeRecognizer } from "../conformance/recognizer.conformance.ts";
import { recordedQuestion } from "../support/recording.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-sherpa-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(start: Partial<NativeStart & { engine: "sherpa" }> = {}) {
  const engine = nativeEngine({
    name: "sherpa",
    partials: true,
    start: async () => ({
      engine: "sherpa",
      folder: resolve("models/speech"),
      kind: "omnilingual",
      threads: 1,
      ...start,
    }),
    timeoutMs: 60_000,
    logger: createLogger("test", "silent"),
  });
  return queuedRecognizer(engine, { queueLimit: 64, timeoutMs: 60_000 });
}

// The platform's own model, which sherpa-onnx runs in the slot of a CTC over samples: without a language model, letter by letter.
describeRecognizer("sherpa", async () => {
  const recognizer = open();
  return {
    recognizer,
    speech: recordedQuestion(),
    said: /^kargom nere/,
    [Symbol.asyncDispose]: () => recognizer[Symbol.asyncDispose](),
  };
});

it("names what a folder lacks", async () => {
  await using recognizer = open({ folder });
  await expect(recognizer.ready()).rejects.toThrow("tokens.txt");
});

it("outlives a model that makes the library end its process", async () => {
  writeFileSync(join(folder, "model.onnx"), "no model");
  writeFileSync(join(folder, "tokens.txt"), "<blk> 0\na 1\n");
  await using recognizer = open({ folder });
  await expect(recognizer.ready()).rejects.toMatchObject({ code: "recognizer_unavailable" });
});
