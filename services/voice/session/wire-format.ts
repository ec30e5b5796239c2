import type { WireFormat } from "../../speech/index.ts";
import type { AudioFormat } from "../events/index.ts";

/** Rate of what we put into Opus packets; whoever takes them out may choose another. */
export const opusReplyHz = 24_000;

/** The protocol's name of a format → the wire's; for Opus, of the samples that its packets are made of. */
export function wireFormat(format: AudioFormat): WireFormat {
  switch (format.type) {
    case "audio/pcm":
      return { encoding: "pcm16", sampleRate: format.rate };
    case "audio/pcmu":
      return { encoding: "mulaw", sampleRate: 8000 };
    case "audio/pcma":
      return { encoding: "alaw", sampleRate: 8000 };
    case "audio/opus":
      return { encoding: "pcm16", sampleRate: opusReplyHz };
  }
}
