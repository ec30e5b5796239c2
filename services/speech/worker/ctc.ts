import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { createEmbeddedDecoder, type EmbeddedDecoder, type RatedRecognition } from "../recognition/embedded/decoder.ts";
import { sessionOptions } from "./session-options.ts";
import type { CtcFiles } from "./worker-protocol.ts";

/** Quieter than this is digital silence, which normalising would blow up to full loudness. */
const leastDeviation = 1e-4;

/** The embedded recogniser: one run of the model over a whole utterance, then the decoder. */
export class Ctc {
  readonly #session: InferenceSession;
  readonly #decoder: EmbeddedDecoder;

  private constructor(session: InferenceSession, decoder: EmbeddedDecoder) {
    this.#session = session;
    this.#decoder = decoder;
  }

  /** @throws a file cannot be read, or is not what it should be */
  static async load(files: CtcFiles, threads: number): Promise<Ctc> {
    const [tokens, languageModel] = await Promise.all([readFile(files.tokens, "utf8"), readFile(files.languageModel)]);
    const decoder = createEmbeddedDecoder({ tokens, languageModel });
    const session = await InferenceSession.create(files.model, sessionOptions(threads));
    return new Ctc(session, decoder);
  }

  /**
   * Partial transcripts are searched like final ones: it costs a tenth more and leaves a tenth of the wrong words (docs/eval/speech.md).
   * @param samples mono, 16 kHz; changed
   * @param beam whether likely letters and words are searched for; else letter by letter
   */
  async recognize(samples: Float32Array, beam = true): Promise<RatedRecognition> {
    if (!normalise(samples)) return { text: "", confidence: 0, words: [] };
    const { logits } = await this.#session.run({ x: new Tensor("float32", samples, [1, samples.length]) });
    const [, frames, symbols] = logits?.dims ?? [];
    if (logits === undefined || frames === undefined || symbols === undefined)
      throw new Error("The model gave no logits.");
    const scores = logits.data as Float32Array;
    // Voice frames that came meanwhile go before the search.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return this.#decoder.decode(scores, frames, symbols, { beam });
  }
}

/** Mean 0 and variance 1, in place; what is no number becomes 0. @returns whether there is anything to hear */
function normalise(samples: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < samples.length; at++) {
    if (!Number.isFinite(samples[at])) samples[at] = 0;
    sum += samples[at] as number;
  }
  const mean = sum / samples.length;
  let squares = 0;
  for (const sample of samples) squares += (sample - mean) ** 2;
  const deviation = Math.sqrt(squares / samples.length);
  if (!(deviation >= leastDeviation)) return false;
  for (let at = 0; at < samples.length; at++) samples[at] = ((samples[at] as number) - mean) / deviation;
  return true;
}
