import { type ClientEvent, parseMessage, requireShape, UnknownEventError } from "../events/index.ts";
import type { Said } from "./protocol.ts";
import { type SimpleMessage, type SimpleSettings, simpleMessageShapes } from "./simple-messages.ts";

export interface SimpleState {
  /** The item of the reply that was last spoken; undefined: none yet. */
  readonly spokenItem: string | undefined;
  readonly transcriptionOnly: boolean;
}

/** A plain client's text → the protocol's events. Never throws. */
export function readSimpleMessage(text: string, state: SimpleState): Said {
  const parsed = parseMessage(text, (message) => {
    const { type } = message;
    if (!isKnown(type)) throw new UnknownEventError(type);
    requireShape(simpleMessageShapes[type], message);
    return eventsOf(message as unknown as SimpleMessage, state);
  });
  return "value" in parsed ? { events: parsed.value } : parsed;
}

function eventsOf(message: SimpleMessage, { spokenItem, transcriptionOnly }: SimpleState): readonly ClientEvent[] {
  const answer: readonly ClientEvent[] = transcriptionOnly ? [] : [{ type: "response.create" }];
  switch (message.type) {
    case "text":
      return [
        {
          type: "conversation.item.create",
          item: { type: "message", role: "user", content: [{ type: "input_text", text: message.text }] },
        },
        ...answer,
      ];
    case "commit":
      return [{ type: "input_audio_buffer.commit" }, ...answer];
    case "cancel":
      return [{ type: "response.cancel" }];
    case "clear":
      return [{ type: "input_audio_buffer.clear" }];
    case "played":
      if (spokenItem === undefined) return [];
      return [{ type: "conversation.item.truncate", item_id: spokenItem, content_index: 0, audio_end_ms: message.ms }];
    case "settings":
      return [
        {
          type: "session.update",
          session: { type: transcriptionOnly ? "transcription" : "realtime", ...patchOf(message) },
        },
      ];
  }
}

function patchOf(said: SimpleSettings) {
  const turns = turnDetectionOf(said);
  const input = {
    ...(said.language === undefined ? {} : { transcription: { language: said.language } }),
    ...(turns === undefined ? {} : { turn_detection: turns }),
  };
  const output = {
    ...(said.voice === undefined ? {} : { voice: said.voice }),
    ...(said.speed === undefined ? {} : { speed: said.speed }),
  };
  return {
    audio: { input, output },
    ...(said.instructions === undefined ? {} : { instructions: said.instructions }),
    ...(said.text_only === undefined
      ? {}
      : { output_modalities: [said.text_only ? "text" : "audio"] as ("text" | "audio")[] }),
    ...(said.sector === undefined ? {} : { x_sector: said.sector }),
    ...(said.session_id === undefined ? {} : { x_session_id: said.session_id }),
    ...(said.user_id === undefined ? {} : { x_user_id: said.user_id }),
    ...(said.record === undefined ? {} : { x_record: said.record }),
  };
}

/** Null: push-to-talk; undefined: as it was. */
function turnDetectionOf({ push_to_talk: push, silence_ms: silence }: SimpleSettings) {
  if (push === true) return null;
  if (push === undefined && silence === undefined) return undefined;
  return { type: "server_vad" as const, ...(silence === undefined ? {} : { silence_duration_ms: silence }) };
}

function isKnown(type: string): type is keyof typeof simpleMessageShapes {
  return Object.hasOwn(simpleMessageShapes, type);
}
