import { AudioUndecodableError, OpusPacketDecoder, recognizerSampleRate, WireDecoder } from "../../speech/index.ts";
import { type AudioFormat, InvalidAudioError } from "../events/index.ts";
import { wireFormat } from "./wire-format.ts";

/** What a client sends → samples of the recogniser's rate, message by message; for one stream. */
export interface InputDecoder extends Disposable {
  /** @throws {InvalidAudioError} this is no Opus packet; the next one may be */
  push(message: Uint8Array): Float32Array;
}

export async function openInputDecoder(format: AudioFormat): Promise<InputDecoder> {
  if (format.type === "audio/opus") return opusDecoder(await OpusPacketDecoder.open(recognizerSampleRate));
  const decoder = new WireDecoder(wireFormat(format), recognizerSampleRate);
  return { push: (bytes) => decoder.push(bytes), [Symbol.dispose]: () => {} };
}

function opusDecoder(decoder: OpusPacketDecoder): InputDecoder {
  return {
    push: (packet) => {
      try {
        return decoder.decode(packet);
      } catch (failure) {
        throw failure instanceof AudioUndecodableError ? new InvalidAudioError("opus") : failure;
      }
    },
    [Symbol.dispose]: () => decoder[Symbol.dispose](),
  };
}
