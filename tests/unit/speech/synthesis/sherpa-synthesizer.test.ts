import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SpeechSetupError, SynthesizerUnavailableError } from "../../../../services/speech/errors.ts";
import { readSherpaFolder } from "../../../../services/speech/synthesis/sherpa/sherpa-folder.ts";
import { createSherpaSynthesizer } from "../../../../services/speech/synthesis/sherpa/sherpa-synthesizer.ts";
import { charactersOf, sherpaText } from "../../../../services/speech/synthesis/sherpa/sherpa-text.ts";

let folder: string;
const put = (name: string, content = "") => writeFile(join(folder, name), content);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sektor-voice-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("readSherpaFolder", () => {
  it("reads a Piper folder: model, tokens, pronunciation data, rate and one speaker called as the model", async () => {
    await put("tr_TR-dfki-medium.onnx");
    await put("tr_TR-dfki-medium.onnx.json", '{"audio":{"sample_rate":16000},"num_speakers":1,"speaker_id_map":{}}');
    await put("tokens.txt");
    await mkdir(join(folder, "espeak-ng-data"));
    const { config, sampleRate, voices } = readSherpaFolder(folder, 2);
    expect(config).toEqual({
      model: {
        vits: {
          model: join(folder, "tr_TR-dfki-medium.onnx"),
          tokens: join(folder, "tokens.txt"),
          dataDir: join(folder, "espeak-ng-data"),
        },
        numThreads: 2,
        provider: "cpu",
        debug: false,
      },
      maxNumSentences: 1,
    });
    expect([sampleRate, voices.names, voices.idOf("alloy")]).toEqual([16_000, ["tr_TR-dfki-medium"], "0"]);
  });

  it("reads a VITS folder: the model called model.onnx among others, lexicon and rules in order", async () => {
    for (const name of ["model.onnx", "model.int8.onnx", "tokens.txt", "lexicon.txt", "b.fst", "a.fst"])
      await put(name);
    const { config, sampleRate } = readSherpaFolder(folder, 1);
    expect(config.model.vits).toEqual({
      model: join(folder, "model.onnx"),
      tokens: join(folder, "tokens.txt"),
      lexicon: join(folder, "lexicon.txt"),
    });
    expect(config.ruleFsts).toBe(`${join(folder, "a.fst")},${join(folder, "b.fst")}`);
    expect(sampleRate).toBe(22_050);
  });

  it("names the speakers as the model does, or by number", async () => {
    await put("v.onnx");
    await put("tokens.txt");
    await put("v.onnx.json", '{"num_speakers":2,"speaker_id_map":{"ayşe":1,"ali":0}}');
    expect(readSherpaFolder(folder, 1).voices.names).toEqual(["ali", "ayşe"]);
    await put("v.onnx.json", '{"num_speakers":3}');
    expect(readSherpaFolder(folder, 1).voices.names).toEqual(["0", "1", "2"]);
  });

  it("refuses what is no voice", async () => {
    const refuses = (path = folder) => expect(() => readSherpaFolder(path, 1)).toThrow(SpeechSetupError);
    refuses("");
    refuses(join(folder, "missing"));
    refuses();
    await put("one.onnx");
    refuses();
    await put("tokens.txt");
    readSherpaFolder(folder, 1);
    await put("two.onnx");
    refuses();
    await rm(join(folder, "two.onnx"));
    await put("one.onnx.json", "{");
    refuses();
  });
});

describe("createSherpaSynthesizer", () => {
  it("refuses every call with what is wrong with the folder, and writes it down once", async () => {
    const events: string[] = [];
    const write = (_facts: object, event: string) => void events.push(event);
    const synthesizer = createSherpaSynthesizer({
      folder,
      threads: 1,
      queueLimit: 4,
      timeoutMs: 1000,
      log: { debug: write, info: write, warn: write, error: write },
      nowMs: () => performance.now(),
    });
    for (let i = 0; i < 2; i++) {
      const failure = await synthesizer.ready().catch((caught) => caught);
      expect(failure).toBeInstanceOf(SynthesizerUnavailableError);
      expect(failure.message).toContain("speech.synthesizer.model");
    }
    expect(events).toEqual(["synthesizer-unavailable"]);
  });
});

describe("sherpaText", () => {
  const characters = charactersOf("  0\na 1\nğ 2\nı 3\n. 4\n");

  it("folds for a model that reads letter by letter, and leaves the text of others as it is", () => {
    expect(sherpaText("AĞI", characters)).toBe("ağı");
    expect(sherpaText("AĞI", undefined)).toBe("AĞI");
  });

  it("is empty where nothing can be said", () => {
    expect(["中文", "xyz xyz", "...", "😀"].map((text) => sherpaText(text, characters))).toEqual(["", "", "", ""]);
    expect(sherpaText("…!", undefined)).toBe("");
  });
});
