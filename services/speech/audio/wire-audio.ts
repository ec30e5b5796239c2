import { decodeG711, encodeG711 } from "./g711.ts";
import { Resampler } from "./resampler.ts";
import { floatToInt16, int16FromBytes, int16ToBytes, int16ToFloat } from "./samples.ts";

/** How samples lie on a wire without a file around them; mono. */
export interface WireFormat {
  readonly encoding: "pcm16" | "mulaw" | "alaw";
  /** Hz, 8 000–48 000. */
  readonly sampleRate: number;
}

/** Bytes of a wire → samples at another rate, piece by piece; for one stream. */
export class WireDecoder {
  readonly #format: WireFormat;
  readonly #resampler: Resampler;
  /** First half of a sample whose second half has not come yet. */
  #half: number | undefined;

  constructor(format: WireFormat, toHz: number) {
    this.#format = format;
    this.#resampler = new Resampler(format.sampleRate, toHz);
  }

  /** Pieces may end in the middle of a sample. */
  push(bytes: Uint8Array): Float32Array {
    return this.#resampler.push(int16ToFloat(this.#samples(bytes)));
  }

  /** What was still on its way through the resampler; half a sample is dropped, and the next piece begins a new stream. */
  flush(): Float32Array {
    this.#half = undefined;
    return this.#resampler.flush();
  }

  #samples(bytes: Uint8Array): Int16Array {
    const { encoding } = this.#format;
    if (encoding !== "pcm16") return decodeG711(bytes, encoding);
    let whole = bytes;
    if (this.#half !== undefined) {
      whole = new Uint8Array(1 + bytes.length);
      whole[0] = this.#half;
      whole.set(bytes, 1);
    }
    this.#half = whole.length % 2 === 1 ? whole.at(-1) : undefined;
    return int16FromBytes(whole);
  }
}

/** Samples of one rate → bytes of a wire, piece by piece; for one stream. */
export class WireEncoder {
  readonly #format: WireFormat;
  readonly #resampler: Resampler;

  constructor(fromHz: number, format: WireFormat) {
    this.#format = format;
    this.#resampler = new Resampler(fromHz, format.sampleRate);
  }

  push(samples: Int16Array): Uint8Array {
    if (this.#resampler.fromHz === this.#resampler.toHz) return this.#bytes(samples);
    return this.#bytes(floatToInt16(this.#resampler.push(int16ToFloat(samples))));
  }

  /** The stream's last bytes; the next piece begins a new one. */
  flush(): Uint8Array {
    return this.#bytes(floatToInt16(this.#resampler.flush()));
  }

  #bytes(samples: Int16Array): Uint8Array {
    const { encoding } = this.#format;
    return encoding === "pcm16" ? int16ToBytes(samples) : encodeG711(samples, encoding);
  }
}
