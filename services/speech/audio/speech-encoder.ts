import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createEncoder } from "wasm-media-encoders";
import { AudioFormatUnsupportedError } from "./errors.ts";
import { OggOpusWriter } from "./ogg-opus-writer.ts";
import { OpusPacketEncoder } from "./opus-packets.ts";
import { Resampler } from "./resampler.ts";
import { floatToInt16, int16ToBytes, int16ToFloat } from "./samples.ts";
import { wavHeader } from "./wav-writer.ts";

/** Formats speech is given in as a file. */
export const speechFormats = ["wav", "pcm", "mp3", "opus"] as const;
export type SpeechFormat = (typeof speechFormats)[number];

/** Rate of speech given as a file, whatever the synthesiser's; `pcm` has no head that could say another. */
export const speechSampleRate = 24_000;

const mp3KilobitsPerS = 64;

/** Speech → a file, piece by piece; for one file. */
export interface SpeechEncoder extends Disposable {
  readonly contentType: string;
  /** May be empty: encoders take in more than they give out at first. */
  push(samples: Int16Array): Uint8Array;
  /** The file's last bytes. */
  end(): Uint8Array;
}

/** @throws {AudioFormatUnsupportedError} */
export function speechFormatOf(name: string): SpeechFormat {
  const format = speechFormats.find((one) => one === name);
  if (format === undefined) throw new AudioFormatUnsupportedError(name, speechFormats);
  return format;
}

/** @param fromHz rate of the samples that will come */
export async function openSpeechEncoder(format: SpeechFormat, fromHz: number): Promise<SpeechEncoder> {
  return atSpeechRate(fromHz, await encoders[format]());
}

const encoders: Readonly<Record<SpeechFormat, () => Promise<SpeechEncoder>>> = {
  async pcm() {
    const contentType = `audio/pcm;rate=${speechSampleRate};channels=1`;
    return { contentType, push: int16ToBytes, end: nothing, [Symbol.dispose]() {} };
  },
  async wav() {
    const head = once(() => wavHeader(speechSampleRate));
    return {
      contentType: "audio/wav",
      push: (samples) => Buffer.concat([head(), int16ToBytes(samples)]),
      end: head,
      [Symbol.dispose]() {},
    };
  },
  async mp3() {
    const encoder = await openMp3Encoder();
    encoder.configure({ sampleRate: speechSampleRate, channels: 1, bitrate: mp3KilobitsPerS });
    return {
      contentType: "audio/mpeg",
      // What the encoder gives lies in its own memory and is gone with its next word.
      push: (samples) => encoder.encode([int16ToFloat(samples)]).slice(),
      end: () => encoder.finalize().slice(),
      [Symbol.dispose]() {},
    };
  },
  async opus() {
    const encoder = await OpusPacketEncoder.open(speechSampleRate);
    const writer = new OggOpusWriter(encoder);
    const head = once(() => writer.head());
    return {
      contentType: "audio/ogg;codecs=opus",
      push: (samples) => Buffer.concat([head(), writer.push(samples)]),
      end: () => Buffer.concat([head(), writer.end()]),
      [Symbol.dispose]: () => encoder[Symbol.dispose](),
    };
  },
};

/** LAME's module, compiled once. */
let lame: Parameters<typeof createEncoder>[1] | undefined;

async function openMp3Encoder() {
  const wasm = lame ?? (await readFile(fileURLToPath(import.meta.resolve("wasm-media-encoders/wasm/mp3"))));
  return await createEncoder("audio/mpeg", wasm, (compiled) => {
    lame = compiled;
  });
}

function atSpeechRate(fromHz: number, encoder: SpeechEncoder): SpeechEncoder {
  const resampler = new Resampler(fromHz, speechSampleRate);
  const at24k = (samples: Float32Array): Uint8Array =>
    samples.length === 0 ? nothing() : encoder.push(floatToInt16(samples));
  return {
    contentType: encoder.contentType,
    push: (samples) => at24k(resampler.push(int16ToFloat(samples))),
    end: () => Buffer.concat([at24k(resampler.flush()), encoder.end()]),
    [Symbol.dispose]: () => encoder[Symbol.dispose](),
  };
}

/** What `make` gives, the first time; then nothing. */
function once(make: () => Uint8Array): () => Uint8Array {
  let isMade = false;
  return () => {
    if (isMade) return nothing();
    isMade = true;
    return make();
  };
}

function nothing(): Uint8Array {
  return new Uint8Array(0);
}
