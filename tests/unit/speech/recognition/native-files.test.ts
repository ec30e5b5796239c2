import { describe, expect, it } from "vitest";
import { SpeechSetupError } from "../../../../services/speech/index.ts";
import { sherpaModel } from "../../../../services/speech/recognition/native/sherpa-files.ts";
import { sherpaRecognition } from "../../../../services/speech/recognition/native/sherpa-words.ts";
import { whisperRecognition } from "../../../../services/speech/recognition/native/whisper-words.ts";

describe("a sherpa-onnx folder", () => {
  it("of Whisper has an encoder, a decoder and tokens behind a prefix; the int8 ones are taken", () => {
    const files = [
      "tiny-decoder.int8.onnx",
      "tiny-decoder.onnx",
      "tiny-encoder.int8.onnx",
      "tiny-tokens.txt",
      "README.md",
    ];
    expect(sherpaModel("whisper", files)).toEqual({
      whisper: { encoder: "tiny-encoder.int8.onnx", decoder: "tiny-decoder.int8.onnx" },
      tokens: "tiny-tokens.txt",
    });
  });

  it("of a zipformer is a transducer where it has a joiner, and CTC where it has one model", () => {
    const epochs = [
      "encoder-epoch-99-avg-1.onnx",
      "decoder-epoch-99-avg-1.onnx",
      "joiner-epoch-99-avg-1.onnx",
      "tokens.txt",
    ];
    expect(sherpaModel("zipformer", epochs)).toEqual({
      transducer: { encoder: epochs[0], decoder: epochs[1], joiner: epochs[2] },
      modelType: "transducer",
      tokens: "tokens.txt",
    });
    expect(sherpaModel("zipformer", ["model.int8.onnx", "tokens.txt"])).toEqual({
      zipformerCtc: { model: "model.int8.onnx" },
      tokens: "tokens.txt",
    });
  });

  it("of NeMo is CTC or a transducer of NeMo's own kind", () => {
    expect(sherpaModel("nemo", ["model.onnx", "tokens.txt"])).toEqual({
      nemoCtc: { model: "model.onnx" },
      tokens: "tokens.txt",
    });
    const transducer = ["encoder.onnx", "decoder.onnx", "joiner.onnx", "tokens.txt"];
    expect(sherpaModel("nemo", transducer)).toMatchObject({ modelType: "nemo_transducer" });
  });

  it("of a CTC over samples may call its only model what it likes", () => {
    expect(sherpaModel("omnilingual", ["tr-ctc-v1.onnx", "tokens.txt", "tr-lm-v1.bin"])).toEqual({
      omnilingual: { model: "tr-ctc-v1.onnx" },
      tokens: "tokens.txt",
    });
  });

  it("that lacks something is refused by naming it", () => {
    expect(() => sherpaModel("whisper", ["tiny-encoder.onnx", "tiny-tokens.txt"])).toThrow("*-decoder.onnx");
    expect(() => sherpaModel("nemo", ["model.onnx"])).toThrow("tokens.txt");
    expect(() => sherpaModel("omnilingual", ["a.onnx", "b.onnx", "tokens.txt"])).toThrow(SpeechSetupError);
  });
});

describe("a result of sherpa-onnx", () => {
  it("has words from its tokens, with times and geometric means of their probabilities", () => {
    const heard = sherpaRecognition(
      {
        text: "iyi gün",
        tokens: ["i", "y", "i", "▁", "g", "ü", "n"],
        timestamps: [0.1, 0.14, 0.2, 0.3, 0.4, 0.44, 0.5],
        ys_log_probs: [0, Math.log(0.25), 0, 0, Math.log(0.5), Math.log(0.5), Math.log(0.5)],
      },
      1000,
    );
    expect(heard.words).toEqual([
      { text: "iyi", startMs: 100, endMs: 300, confidence: expect.closeTo(0.25 ** (1 / 3)) },
      { text: "gün", startMs: 400, endMs: 580, confidence: expect.closeTo(0.5) },
    ]);
    expect(heard.confidence).toBeCloseTo((0.25 * 0.125) ** (1 / 7));
  });

  it("begins a word at a token that begins with a blank, or with the blank's sign", () => {
    const times = [0, 0.1, 0.2];
    const blank = sherpaRecognition({ text: "iyi günler", tokens: [" iyi", " gün", "ler"], timestamps: times }, 500);
    const sign = sherpaRecognition({ text: "iyi günler", tokens: ["▁iyi", "▁gün", "ler"], timestamps: times }, 500);
    expect(blank.words.map(({ text }) => text)).toEqual(["iyi", "günler"]);
    expect(sign).toEqual(blank);
    expect(sign.confidence).toBeNull();
    expect(sign.words.map(({ confidence }) => confidence)).toEqual([null, null]);
  });

  it("has no words where the tokens spell letters in pieces, or have no times", () => {
    const bytes = { text: "gün", tokens: [" g", "Ã", "¼", "n"], timestamps: [0, 0.1, 0.1, 0.2] };
    expect(sherpaRecognition(bytes, 500).words).toEqual([]);
    expect(sherpaRecognition({ text: "gün", tokens: ["gün"], timestamps: [] }, 500).words).toEqual([]);
  });

  it("is nothing where nothing was said", () => {
    expect(sherpaRecognition({ text: " " }, 500)).toEqual({ text: "", confidence: 0, words: [] });
  });
});

describe("a result of Whisper", () => {
  it("shares a segment's time out among its words by their length", () => {
    const heard = whisperRecognition([{ text: " Ev alacağım", t0: 1000, t1: 2000 }], 5000);
    expect(heard.words.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [1000, 1200],
      [1200, 2000],
    ]);
    expect(heard).toMatchObject({ text: "Ev alacağım", confidence: null });
    expect(heard.words.map(({ confidence }) => confidence)).toEqual([null, null]);
  });

  it("leaves out what nobody said", () => {
    const segments = ["[MÜZİK]", " (alkış) Merhaba", " Altyazı M.K.", " *gülme*", " ..."].map((text) => ({
      text,
      t0: 0,
      t1: 100,
    }));
    expect(whisperRecognition(segments, 500).text).toBe("Merhaba");
  });

  it("keeps every time within the recording, which Whisper thinks is 30 s long", () => {
    const [word] = whisperRecognition([{ text: "evet", t0: -10, t1: 30_000 }], 800).words;
    expect(word).toMatchObject({ startMs: 0, endMs: 800 });
  });
});
