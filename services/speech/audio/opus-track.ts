import type { OpusHead } from "./opus-head.ts";
import type { OpusPacketDecoder } from "./opus-packets.ts";
import type { DecodedPiece } from "./piece.ts";

/** One Opus stream of a file: packets in, its samples out, without what the encoder put before the beginning. */
export class OpusTrack {
  readonly #decoder: OpusPacketDecoder;
  readonly #gain: number;
  /** Samples still to be left out. */
  #skip: number;
  #given = 0;

  constructor(decoder: OpusPacketDecoder, { preSkipS, gain }: OpusHead) {
    this.#decoder = decoder;
    this.#gain = gain;
    this.#skip = Math.round(preSkipS * decoder.sampleRate);
  }

  /**
   * A packet that is broken is concealed: that is no reason to lose a recording.
   * @param endS where the stream ends, if that is known: what lies behind it is left out
   */
  decode(packet: Uint8Array, endS = Number.POSITIVE_INFINITY): DecodedPiece {
    const { sampleRate } = this.#decoder;
    let samples = this.#samples(packet);
    const skipped = Math.min(this.#skip, samples.length);
    this.#skip -= skipped;
    samples = samples.subarray(skipped, Math.max(skipped, skipped + Math.round(endS * sampleRate) - this.#given));
    this.#given += samples.length;
    if (this.#gain !== 1)
      for (let at = 0; at < samples.length; at++) samples[at] = this.#gain * (samples[at] as number);
    return { samples, sampleRate };
  }

  #samples(packet: Uint8Array): Float32Array {
    try {
      return this.#decoder.decode(packet);
    } catch {
      return this.#decoder.conceal();
    }
  }
}
