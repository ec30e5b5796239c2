import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Disposal } from "../../../services/foundation/index.ts";
import { openRecognizer } from "../../../services/main/open/open-recognizer.ts";
import { createLogger } from "../../../services/observability/index.ts";
import { loadSettings, type Settings } from "../../../services/settings/index.ts";

let folder: string;
let disposal: Disposal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sektor-ears-"));
  disposal = new Disposal();
});
afterEach(async () => {
  await disposal.close();
  await rm(folder, { recursive: true, force: true });
});

function open(environment: Readonly<Record<string, string>>) {
  const settings: Settings = loadSettings("tests/support/no-such-folder", {
    SEKTOR_MODEL_CACHE: folder,
    ...environment,
  });
  return openRecognizer(settings, { logger: createLogger("test", "silent"), disposal, modelFolder: folder });
}

it.each([
  { chosen: "embedded", partials: true, syntheticOnly: true },
  { chosen: "whisper", partials: false, syntheticOnly: false },
  { chosen: "sherpa", partials: false, syntheticOnly: false },
  { chosen: "http", partials: false, syntheticOnly: false },
  { chosen: "off", partials: false, syntheticOnly: false },
])("opens $chosen when the settings say so, without starting anything", async ({ chosen, ...facts }) => {
  const { recognizer } = open({ SEKTOR_RECOGNIZER: chosen });
  expect(recognizer).toMatchObject({ name: chosen, ...facts });
  // Nothing runs: there is nothing to wait for.
  await disposal.close();
});

it.each([
  { chosen: "embedded", wanted: "off", partials: false },
  { chosen: "whisper", wanted: "on", partials: true },
  { chosen: "sherpa", wanted: "on", partials: true },
  { chosen: "http", wanted: "on", partials: true },
  { chosen: "http", wanted: "auto", partials: false },
])("gives partial transcripts by $chosen as the settings say: $wanted", ({ chosen, wanted, partials }) => {
  const { recognizer } = open({ SEKTOR_RECOGNIZER: chosen, SEKTOR_RECOGNIZER_PARTIALS: wanted });
  expect(recognizer.partials).toBe(partials);
});

it.each([
  { chosen: "embedded", cure: "models/speech" },
  { chosen: "whisper", cure: "SEKTOR_RECOGNIZER_MODEL" },
  { chosen: "sherpa", cure: "SEKTOR_RECOGNIZER_MODEL" },
  { chosen: "http", cure: "SEKTOR_RECOGNIZER_URL" },
  { chosen: "off", cure: "SEKTOR_RECOGNIZER" },
])("says what $chosen lacks, in both languages", async ({ chosen, cure }) => {
  const { recognizer } = open({ SEKTOR_RECOGNIZER: chosen });
  await expect(recognizer.ready()).rejects.toMatchObject({
    code: "recognizer_unavailable",
    message: expect.stringContaining(cure),
    messageTr: expect.stringContaining(cure),
  });
});

it("refuses a Whisper model with other bytes than the settings promise, and does not tell where it lies", async () => {
  const model = join(folder, "ggml.bin");
  await writeFile(model, "lmgg");
  const { recognizer } = open({
    SEKTOR_RECOGNIZER: "whisper",
    SEKTOR_RECOGNIZER_MODEL: model,
    SEKTOR_RECOGNIZER_SHA256: "a".repeat(64),
  });
  const failure: unknown = await recognizer.ready().catch((caught: unknown) => caught);
  expect(failure).toMatchObject({ message: expect.stringContaining("SEKTOR_RECOGNIZER_SHA256") });
  expect(String(failure)).not.toContain(folder);
});
