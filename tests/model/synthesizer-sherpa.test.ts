import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SynthesizerUnavailableError } from "../../services/speech/errors.ts";
import { createSherpaSynthesizer } from "../../services/speech/synthesis/sherpa/sherpa-synthesizer.ts";
import type { Synthesizer } from "../../services/speech/synthesizer.ts";
import { describeSynthesizer, spoken } from "../conformance/synthesizer.conformance.ts";
import { tinyVitsRate, tinyVitsSamplesPerLetter, writeTinyVits } from "../support/tiny-vits.ts";

/** The native path with a model that hums: how Piper sounds is not known from this. */
let root: string;
let synthesizer: Synthesizer;
const details: unknown[] = [];
const quiet = () => {};
const warn = (facts: object) => void details.push((facts as { detail?: unknown }).detail);
const open = (folder: string): Synthesizer =>
  createSherpaSynthesizer({
    folder,
    threads: 1,
    queueLimit: 16,
    timeoutMs: 30_000,
    log: { debug: quiet, info: quiet, warn, error: quiet },
    nowMs: () => performance.now(),
  });
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sektor-sherpa-"));
  await writeTinyVits(root);
  synthesizer = open(root);
});
afterAll(async () => {
  await synthesizer[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

describeSynthesizer("sherpa-onnx: conformance", { open: async () => synthesizer, tolerance: 0 });

describe("sherpa-onnx", () => {
  it("takes the rate from the model, says every letter, and is called as its model", async () => {
    const samples = await spoken(synthesizer, { text: "IĞDIR" });
    expect(synthesizer.sampleRate).toBe(tinyVitsRate);
    expect(samples).toHaveLength(5 * tinyVitsSamplesPerLetter);
    expect(synthesizer.voices).toEqual(["model"]);
  });

  it("says nothing where the model knows none of the letters, and lives on", async () => {
    for (const text of ["中文", "...", "😀"]) expect(await spoken(synthesizer, { text })).toHaveLength(0);
    expect(await spoken(synthesizer, { text: "evet" })).toHaveLength(4 * tinyVitsSamplesPerLetter);
  });

  it("refuses with a typed error when the library cannot load the model, and keeps what it wrote for the log", async () => {
    const folder = await mkdtemp(join(root, "broken-"));
    await writeFile(join(folder, "model.onnx"), "no model at all");
    await writeFile(join(folder, "tokens.txt"), "a 0\n");
    const broken = open(folder);
    await expect(broken.ready()).rejects.toThrow(SynthesizerUnavailableError);
    await expect(spoken(broken, { text: "evet" })).rejects.toThrow(SynthesizerUnavailableError);
    await broken[Symbol.asyncDispose]();
    expect(details).toHaveLength(1);
    expect(String(details[0]).length).toBeGreaterThan(20);
  });

  it("says which settings are wrong when a model without a tokens file is named", async () => {
    const folder = await mkdtemp(join(root, "empty-"));
    await expect(open(folder).ready()).rejects.toThrow("speech.synthesizer.model");
  });
});
