import { int16FromBytes, OpusPacketEncoder } from "../../speech/index.ts";
import type { AudioFormat } from "../events/index.ts";
import { opusReplyHz } from "./wire-format.ts";

/** A reply's samples, as its track gives them → the messages they go out as; for one reply. */
export interface ReplyOutput extends Disposable {
  push(bytes: Uint8Array): readonly Uint8Array[];
  /** What is still to come when all is said. */
  flush(): readonly Uint8Array[];
  /** What was taken and did not fill a message is wanted no more. */
  drop(): void;
}

/** Every piece is a message of its own. */
export const plainOutput: ReplyOutput = {
  push: (bytes) => [bytes],
  flush: () => [],
  drop: () => {},
  [Symbol.dispose]: () => {},
};

export async function openReplyOutput(format: AudioFormat): Promise<ReplyOutput> {
  if (format.type !== "audio/opus") return plainOutput;
  return opusOutput(await OpusPacketEncoder.open(opusReplyHz));
}

function opusOutput(encoder: OpusPacketEncoder): ReplyOutput {
  const frame = new Int16Array(encoder.frameSamples);
  let filled = 0;
  let begun = false;
  const push = (samples: Int16Array): readonly Uint8Array[] => {
    const packets: Uint8Array[] = [];
    begun = true;
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < frame.length) break;
      packets.push(encoder.encode(frame));
      filled = 0;
    }
    return packets;
  };
  return {
    push: (bytes) => push(int16FromBytes(bytes)),
    flush: () => {
      if (!begun) return [];
      // What the codec holds back comes out behind silence.
      const whole = Math.ceil((filled + encoder.lookahead) / frame.length) * frame.length;
      return push(new Int16Array(whole - filled));
    },
    drop: () => {
      filled = 0;
    },
    [Symbol.dispose]: () => encoder[Symbol.dispose](),
  };
}
