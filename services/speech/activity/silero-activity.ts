import { orAbort } from "../../foundation/index.ts";
import { SpeechQueueFullError, VoiceActivityUnavailableError } from "../errors.ts";
import { type VoiceActivity, type VoiceActivityStream, voiceFrameSamples } from "../voice-activity.ts";
import type { InferenceHost } from "../worker/inference-host.ts";

/** Feeds of one microphone that may be on their way; a talker in real time has one. */
const maxFeedsUnderWay = 64;

/** Voice activity by Silero in the inference worker. Ending it leaves `host` to its owner. */
export function sileroActivity(host: InferenceHost): VoiceActivity {
  let streams = 0;
  return {
    async ready(signal) {
      signal?.throwIfAborted();
      await orAbort(host.load("voice"), signal).catch((failure: unknown) => {
        signal?.throwIfAborted();
        throw new VoiceActivityUnavailableError(failure);
      });
    },
    open: () => new SileroActivityStream(host, ++streams),
    async [Symbol.asyncDispose]() {},
  };
}

class SileroActivityStream implements VoiceActivityStream {
  readonly #host: InferenceHost;
  readonly #number: number;
  #underWay = 0;
  #closed = false;

  constructor(host: InferenceHost, number: number) {
    this.#host = host;
    this.#number = number;
  }

  async feed(samples: Float32Array): Promise<Float32Array> {
    if (samples.length % voiceFrameSamples !== 0)
      throw new RangeError(`${samples.length} samples are no whole number of frames of ${voiceFrameSamples}.`);
    if (samples.length === 0) return new Float32Array();
    if (this.#closed) throw new VoiceActivityUnavailableError(new Error("The stream is closed."));
    if (this.#underWay >= maxFeedsUnderWay) throw new SpeechQueueFullError();
    this.#underWay += 1;
    try {
      return await this.#host.feed(this.#number, samples.slice());
    } catch (failure) {
      throw new VoiceActivityUnavailableError(failure);
    } finally {
      this.#underWay -= 1;
    }
  }

  reset(): void {
    this.#host.forget(this.#number);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.forget(this.#number);
  }
}
