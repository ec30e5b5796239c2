import { setImmediate as turn } from "node:timers/promises";
import { PlatformError } from "../../foundation/index.ts";
import { recognizerSampleRate } from "../recognizer.ts";
import { AudioTooLongError, AudioUndecodableError } from "./errors.ts";
import { openMp3Decoder } from "./mp3-decoder.ts";
import { isMp3, readMp3 } from "./mp3-reader.ts";
import { readOggOpus } from "./ogg-opus-reader.ts";
import { OpusPacketDecoder } from "./opus-packets.ts";
import type { DecodedPiece } from "./piece.ts";
import { Resampler } from "./resampler.ts";
import { floatToInt16 } from "./samples.ts";
import { isWav, readWav } from "./wav-reader.ts";
import { readWebmOpus } from "./webm-opus-reader.ts";

export interface DecodeAudioOptions {
  /** Longest recording, seconds. No more memory is spent than it takes: 32 KB a second. */
  readonly maxS: number;
  readonly signal?: AbortSignal;
}

/** Longest stretch of work without a look at everything else the process does. */
const sliceMs = 4;

/**
 * A recording as a recogniser wants it: mono, 16 kHz. What it is, WAV, MP3, Ogg Opus or WebM Opus, its content says, whatever its name.
 * Works in slices of a few milliseconds in this thread: a thread of its own would take longer to start than most recordings to decode,
 * and could not be given up half-way.
 * @throws {AudioUndecodableError} @throws {AudioTooLongError} as soon as it is found out
 */
export async function decodeAudio(bytes: Uint8Array, { maxS, signal }: DecodeAudioOptions): Promise<Int16Array> {
  const source = await openSource(bytes);
  try {
    return await collect(source.pieces, maxS, signal);
  } catch (thrown) {
    if (thrown instanceof PlatformError || signal?.aborted === true) throw thrown;
    throw new AudioUndecodableError("the decoder gave up", "çözücü vazgeçti", thrown);
  } finally {
    source.close();
  }
}

interface Source {
  readonly pieces: Iterable<DecodedPiece>;
  close(): void;
}

async function openSource(bytes: Uint8Array): Promise<Source> {
  if (isWav(bytes)) return { pieces: readWav(bytes), close: () => {} };
  const isOgg = begins(bytes, "OggS");
  if (isOgg || begins(bytes, "\x1a\x45\xdf\xa3")) {
    const decoder = await OpusPacketDecoder.open(recognizerSampleRate);
    const pieces = isOgg ? readOggOpus(bytes, decoder) : readWebmOpus(bytes, decoder);
    return { pieces, close: () => decoder[Symbol.dispose]() };
  }
  if (isMp3(bytes)) {
    const decoder = await openMp3Decoder();
    return { pieces: readMp3(bytes, decoder), close: () => decoder.free() };
  }
  throw bytes.length === 0
    ? new AudioUndecodableError("the file is empty", "dosya boş")
    : new AudioUndecodableError("its format is not known", "biçimi bilinmiyor");
}

async function collect(
  pieces: Iterable<DecodedPiece>,
  maxS: number,
  signal: AbortSignal | undefined,
): Promise<Int16Array> {
  const recording = new Recording(maxS);
  let breakAt = performance.now() + sliceMs;
  for (const piece of pieces) {
    if (piece.samples.length > 0) recording.add(piece);
    if (performance.now() < breakAt) continue;
    await turn();
    signal?.throwIfAborted();
    breakAt = performance.now() + sliceMs;
  }
  const samples = recording.end();
  if (samples.length === 0) throw new AudioUndecodableError("there is no sound in it", "içinde ses yok");
  return samples;
}

/** Pieces of any rate, put together at the recogniser's. */
class Recording {
  readonly #maxS: number;
  readonly #parts: Int16Array[] = [];
  #length = 0;
  #resampler: Resampler | undefined;

  constructor(maxS: number) {
    this.#maxS = maxS;
  }

  add({ samples, sampleRate }: DecodedPiece): void {
    if (this.#resampler?.fromHz !== sampleRate) {
      this.#keep(this.#resampler?.flush());
      this.#resampler = new Resampler(sampleRate, recognizerSampleRate);
    }
    this.#keep(this.#resampler.push(samples));
  }

  end(): Int16Array {
    this.#keep(this.#resampler?.flush());
    const whole = new Int16Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #keep(samples: Float32Array | undefined): void {
    if (samples === undefined) return;
    this.#length += samples.length;
    if (this.#length > this.#maxS * recognizerSampleRate) throw new AudioTooLongError(this.#maxS);
    this.#parts.push(floatToInt16(samples));
  }
}

function begins(bytes: Uint8Array, latin1: string): boolean {
  return Buffer.from(bytes.subarray(0, latin1.length)).toString("latin1") === latin1;
}
