import { InvalidAudioError } from "../events/index.ts";
import type { VoiceOpening } from "../voice-session.ts";
import type { WireProtocol } from "./protocol.ts";
import { readSimpleMessage } from "./read-simple-message.ts";
import { createSimpleWriter } from "./simple-writer.ts";

const oddAudio = { refusal: new InvalidAudioError("odd"), eventId: null };

/** For plain clients: PCM16 as binary messages both ways, and short JSON for the rest. A translation of the same events. */
export function createSimpleProtocol({ transcriptionOnly = false }: VoiceOpening): WireProtocol {
  const writer = createSimpleWriter();
  return {
    read: (message, isBinary) => {
      if (isBinary) return message.byteLength % 2 === 0 ? { audio: message } : oddAudio;
      return readSimpleMessage(message.toString(), { spokenItem: writer.spokenItem(), transcriptionOnly });
    },
    write: writer.write,
  };
}
