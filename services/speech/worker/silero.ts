import { InferenceSession, Tensor } from "onnxruntime-node";
import { recognizerSampleRate } from "../recognizer.ts";
import { voiceFrameSamples } from "../voice-activity.ts";
import { sessionOptions } from "./session-options.ts";

/** Samples of the frame before that the model wants to see again; undocumented, but without them it hears next to nothing. */
const contextSamples = 64;

/** Silero v6, one for all streams. @throws the file cannot be read, or is another model */
export async function loadSilero(path: string, threads: number): Promise<InferenceSession> {
  const session = await InferenceSession.create(path, sessionOptions(threads));
  const expected = ["input", "state", "sr"];
  if (expected.some((name) => !session.inputNames.includes(name)))
    throw new Error(`The voice activity model wants ${session.inputNames.join(", ")}, not ${expected.join(", ")}.`);
  return session;
}

/** What the model remembers of one microphone. */
export class SileroStream {
  readonly #session: InferenceSession;
  readonly #window = new Float32Array(contextSamples + voiceFrameSamples);
  readonly #input = new Tensor("float32", this.#window, [1, this.#window.length]);
  readonly #rate = new Tensor("int64", BigInt64Array.of(BigInt(recognizerSampleRate)));
  #state: Tensor = new Tensor("float32", new Float32Array(2 * 1 * 128), [2, 1, 128]);

  constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @param samples a whole number of frames @returns the probability of speech in each, 0–1 */
  async feed(samples: Float32Array): Promise<Float32Array> {
    const frames = Math.floor(samples.length / voiceFrameSamples);
    const probabilities = new Float32Array(frames);
    for (let frame = 0; frame < frames; frame++) {
      this.#window.copyWithin(0, voiceFrameSamples);
      for (let at = 0; at < voiceFrameSamples; at++) {
        const sample = samples[frame * voiceFrameSamples + at] as number;
        // One sample that is no number could spoil the state for good.
        this.#window[contextSamples + at] = Number.isFinite(sample) ? sample : 0;
      }
      probabilities[frame] = await this.#probability();
    }
    return probabilities;
  }

  async #probability(): Promise<number> {
    const { output, stateN } = await this.#session.run({ input: this.#input, state: this.#state, sr: this.#rate });
    if (output === undefined || stateN === undefined) throw new Error("The voice activity model gave no probability.");
    this.#state = stateN;
    return output.data[0] as number;
  }
}
