import {
  Application,
  createDecoder,
  createEncoder,
  type OpusDecoderHandle,
  type OpusEncoderHandle,
  type SampleRate,
} from "libopus-wasm";
import { AudioUndecodableError } from "./errors.ts";

/** Rates at which Opus takes samples in and gives them out, whatever the other side uses. */
export type OpusRate = SampleRate;

/** Length of the packets we make. */
export const opusFrameMs = 20;

/** More than any encoder makes of 120 ms in two channels. */
const maxPacketBytes = 8192;

/** Opus packets → mono samples, for one stream. libopus as WASM: loading it takes 10 ms once, a stream 20 KB, a packet of 20 ms 0.1 ms. */
export class OpusPacketDecoder implements Disposable {
  readonly sampleRate: OpusRate;
  readonly #decoder: OpusDecoderHandle;

  private constructor(decoder: OpusDecoderHandle) {
    this.#decoder = decoder;
    this.sampleRate = decoder.sampleRate;
  }

  /** Stereo is mixed by the codec itself. */
  static async open(sampleRate: OpusRate): Promise<OpusPacketDecoder> {
    return new OpusPacketDecoder(await createDecoder({ channels: 1, sampleRate }));
  }

  /**
   * @returns 2.5–120 ms of samples, -1…1
   * @throws {AudioUndecodableError} this is no Opus packet; the next one may be
   */
  decode(packet: Uint8Array): Float32Array {
    if (packet.length === 0 || packet.length > maxPacketBytes) throw broken();
    try {
      return this.#decoder.decodeFloat(packet);
    } catch (cause) {
      throw broken(cause);
    }
  }

  /** What probably was in a packet that got lost. @param durationMs its length; 20 unless told */
  conceal(durationMs: number = opusFrameMs): Float32Array {
    return this.#decoder.decodePacketLossFloat((durationMs / 1000) * this.sampleRate);
  }

  [Symbol.dispose](): void {
    this.#decoder.free();
  }
}

/** Mono samples → Opus packets of 20 ms, for one stream: speech at about 32 kbit/s, 0.5 ms of work a packet. */
export class OpusPacketEncoder implements Disposable {
  readonly sampleRate: OpusRate;
  /** Samples of one packet. */
  readonly frameSamples: number;
  /** Samples by which what is heard lags behind what was put in. */
  readonly lookahead: number;
  readonly #encoder: OpusEncoderHandle;

  private constructor(encoder: OpusEncoderHandle) {
    this.#encoder = encoder;
    this.sampleRate = encoder.sampleRate;
    this.frameSamples = encoder.frameSize;
    this.lookahead = encoder.getLookahead();
  }

  /** @param bitrate bits per second, 6 000–128 000 */
  static async open(sampleRate: OpusRate, bitrate = 32_000): Promise<OpusPacketEncoder> {
    const frameSize = (opusFrameMs / 1000) * sampleRate;
    const options = {
      channels: 1,
      sampleRate,
      frameSize,
      application: Application.Voip,
      bitrate,
      complexity: 5,
    } as const;
    return new OpusPacketEncoder(await createEncoder(options));
  }

  /** @param frame exactly `frameSamples` */
  encode(frame: Int16Array): Uint8Array {
    return this.#encoder.encode(frame);
  }

  [Symbol.dispose](): void {
    this.#encoder.free();
  }
}

function broken(cause?: unknown): AudioUndecodableError {
  return new AudioUndecodableError("it holds a broken Opus packet", "içinde bozuk bir Opus paketi var", cause);
}
