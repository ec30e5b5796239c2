import { parseClientEvent } from "../events/index.ts";
import { UnexpectedBinaryError } from "./errors.ts";
import type { WireProtocol } from "./protocol.ts";

/** OpenAI's: every message is one event in JSON. */
export function createRealtimeProtocol(): WireProtocol {
  let sent = 0;
  return {
    read: (message, isBinary) => {
      if (isBinary) return { refusal: new UnexpectedBinaryError(), eventId: null };
      const parsed = parseClientEvent(message.toString());
      return "event" in parsed ? { events: [parsed.event] } : parsed;
    },
    write: (event) => [JSON.stringify({ event_id: `event_${++sent}`, ...event })],
  };
}
