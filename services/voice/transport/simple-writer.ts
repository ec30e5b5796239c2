import type { EventError, ServerEvent, SessionConfig } from "../events/index.ts";
import type { WireProtocol } from "./protocol.ts";

/** The protocol's events → a plain client's messages; what it has no use for comes to nothing. */
export function createSimpleWriter(): Pick<WireProtocol, "write"> & { spokenItem(): string | undefined } {
  let spokenItem: string | undefined;
  let rate = 24_000;
  /** The item whose partial transcript grows, and what is known of it. */
  let partial = { item: "", text: "" };

  const json = (message: { readonly type: string; readonly [field: string]: unknown }) => [JSON.stringify(message)];
  const session = (type: "ready" | "settings", config: SessionConfig) => {
    const { format, voice, speed } = config.audio.output;
    if (format.type === "audio/pcm") rate = format.rate;
    return json({
      type,
      rate,
      voice,
      speed,
      sector: config.x_sector,
      session_id: config.x_session_id,
      expires_at: config.expires_at,
      synthetic_only: config.x_synthetic_only,
    });
  };

  return {
    spokenItem: () => spokenItem,
    write: (event: ServerEvent) => {
      switch (event.type) {
        case "session.created":
          return session("ready", event.session);
        case "session.updated":
          return session("settings", event.session);
        case "input_audio_buffer.speech_started":
          return json({ type: "speech-start", ms: event.audio_start_ms });
        case "input_audio_buffer.speech_stopped":
          return json({ type: "speech-end", ms: event.audio_end_ms });
        case "conversation.item.input_audio_transcription.delta": {
          const before = partial.item === event.item_id ? partial.text : "";
          partial = { item: event.item_id, text: event.x_transcript ?? before + event.delta };
          return json({ type: "partial", text: partial.text, synthetic_only: event.x_synthetic_only === true });
        }
        case "conversation.item.input_audio_transcription.completed":
          return json({
            type: "final",
            text: event.transcript,
            confidence: event.x_confidence ?? null,
            words: event.x_words ?? [],
            synthetic_only: event.x_synthetic_only === true,
          });
        case "conversation.item.input_audio_transcription.failed":
          return json(errorMessage(event.error));
        case "x.sector": {
          const { response_id: _, ...facts } = event;
          return json({ ...facts, type: "sector" });
        }
        case "x.sources":
          return json({ type: "sources", sources: event.sources });
        case "response.output_text.delta":
        case "response.output_audio_transcript.delta":
          return json({ type: "reply", delta: event.delta });
        case "response.output_text.done":
          return json({ type: "reply-end", text: event.text });
        case "response.output_audio_transcript.done":
          return json({ type: "reply-end", text: event.transcript });
        case "response.output_audio.delta": {
          const audio = Buffer.from(event.delta, "base64");
          if (spokenItem === event.item_id) return [audio];
          spokenItem = event.item_id;
          return [...json({ type: "audio-start", rate }), audio];
        }
        case "response.output_audio.done":
          return json({ type: "audio-end" });
        case "response.done": {
          const { status, status_details: details } = event.response;
          const reason = details === null ? null : "reason" in details ? details.reason : details.error.code;
          return json({ type: "done", status, reason });
        }
        case "x.metrics":
          return json({ type: "metrics", ...event.metrics });
        case "error":
          return json(errorMessage(event.error));
        default:
          return [];
      }
    },
  };
}

function errorMessage({ code, message, param, x_message_tr: turkish = message }: Omit<EventError, "event_id">) {
  return { type: "error", code, message, message_tr: turkish, param };
}
