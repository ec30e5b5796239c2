import { type ClientEvent, newSession } from "../../services/voice/events/index.ts";
import type { OpenVoiceSession, VoiceCaller, VoiceOutput } from "../../services/voice/index.ts";

/** A session that says it is there, writes down what it is told, and answers what its script says. */
export interface ScriptedSession {
  readonly caller: VoiceCaller;
  readonly output: VoiceOutput;
  readonly events: ClientEvent[];
  /** Length of the message that brought each event. */
  readonly bytes: number[];
  readonly audio: Uint8Array[];
  closed: boolean;
}

export interface ScriptedVoice {
  readonly openSession: OpenVoiceSession;
  /** Oldest first. */
  readonly sessions: readonly ScriptedSession[];
}

export function scriptedVoice(
  answer: (event: ClientEvent, session: ScriptedSession) => void = () => {},
): ScriptedVoice {
  const sessions: ScriptedSession[] = [];
  const facts = {
    turnDetection: { threshold: 0.5, prefixPaddingMs: 300, silenceMs: 500 },
    recognizer: "scripted",
    syntheticOnly: true,
    voices: ["tr", "tr+f2"],
    voice: "",
    speed: 1,
  };
  return {
    sessions,
    openSession: (caller, output) => {
      const session: ScriptedSession = { caller, output, events: [], bytes: [], audio: [], closed: false };
      sessions.push(session);
      const { model, sector, opening } = caller;
      const config = newSession({ id: "sess_1", model, sector, expiresAtS: 1_800_000_000, ...opening }, facts);
      output.send({ type: "session.created", session: config });
      return {
        handle: (event, bytes) => {
          session.events.push(event);
          session.bytes.push(bytes);
          if (event.type === "session.update") output.send({ type: "session.updated", session: config });
          answer(event, session);
        },
        handleAudio: (bytes) => void session.audio.push(bytes),
        close: async () => {
          session.closed = true;
        },
      };
    },
  };
}
