import type { WireFormat } from "../../speech/index.ts";
import type { AudioFormat } from "../events/index.ts";

/** The protocol's name of a format → the wire's. */
export function wireFormat(format: AudioFormat): WireFormat {
  switch (format.type) {
    case "audio/pcm":
      return { encoding: "pcm16", sampleRate: format.rate };
    case "audio/pcmu":
      return { encoding: "mulaw", sampleRate: 8000 };
    case "audio/pcma":
      return { encoding: "alaw", sampleRate: 8000 };
  }
}
