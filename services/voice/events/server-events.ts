import type { AudioFormat } from "./audio-formats.ts";
import type { ConversationItem } from "./items.ts";
import type { OutputModalities, SessionConfig } from "./session.ts";

/**
 * Every event we send. `event_id` is not here: the socket numbers what it sends.
 * The order is the protocol's; who says something in between keeps to it too.
 */
export type ServerEvent =
  | SessionEvent
  | InputBufferEvent
  | ItemEvent
  | TranscriptionEvent
  | ResponseEvent
  | RateLimitsEvent
  | ErrorEvent
  | OwnEvent;

export type ServerEventType = ServerEvent["type"];
/** One event by its type: `ServerEventOf<"response.done">`. */
export type ServerEventOf<T extends ServerEventType> = ServerEvent extends infer One
  ? One extends { readonly type: infer Own }
    ? T extends Own
      ? One & { readonly type: T }
      : never
    : never
  : never;

type SessionEvent = { readonly type: "session.created" | "session.updated"; readonly session: SessionConfig };

/** Times in ms of the audio that came in since the session began. */
type InputBufferEvent =
  | { readonly type: "input_audio_buffer.speech_started"; readonly audio_start_ms: number; readonly item_id: string }
  | { readonly type: "input_audio_buffer.speech_stopped"; readonly audio_end_ms: number; readonly item_id: string }
  | {
      readonly type: "input_audio_buffer.committed";
      readonly item_id: string;
      readonly previous_item_id: string | null;
    }
  | { readonly type: "input_audio_buffer.cleared" }
  | {
      readonly type: "input_audio_buffer.timeout_triggered";
      readonly audio_start_ms: number;
      readonly audio_end_ms: number;
      readonly item_id: string;
    };

type ItemEvent =
  | {
      readonly type: "conversation.item.added" | "conversation.item.done";
      readonly item: ConversationItem;
      readonly previous_item_id: string | null;
    }
  | { readonly type: "conversation.item.retrieved"; readonly item: ConversationItem }
  | {
      readonly type: "conversation.item.truncated";
      readonly item_id: string;
      readonly content_index: number;
      readonly audio_end_ms: number;
    }
  | { readonly type: "conversation.item.deleted"; readonly item_id: string };

interface OfInput {
  readonly item_id: string;
  readonly content_index: number;
}
type TranscriptionEvent =
  | (OfInput & {
      readonly type: "conversation.item.input_audio_transcription.delta";
      /** What came to the transcript; "" where it changed instead of growing. */
      readonly delta: string;
      /** Ours: all that was heard so far; it takes the place of what it was before. */
      readonly x_transcript?: string;
      /** Ours: the recogniser has only ever heard synthetic speech. */
      readonly x_synthetic_only?: boolean;
    })
  | (OfInput & {
      readonly type: "conversation.item.input_audio_transcription.completed";
      readonly transcript: string;
      readonly usage: { readonly type: "duration"; readonly seconds: number };
      /** Ours: the recogniser's confidence, 0–1; null: it tells none. */
      readonly x_confidence?: number | null;
      /** Ours: its words; none where the recogniser tells no times. */
      readonly x_words?: readonly HeardWord[];
      /** Ours: the recogniser has only ever heard synthetic speech. */
      readonly x_synthetic_only?: boolean;
    })
  | (OfInput & {
      readonly type: "conversation.item.input_audio_transcription.failed";
      readonly error: Omit<EventError, "event_id">;
    });

/** Times in ms of the audio that came in since the session began; of an item's own audio, from its beginning. */
export interface HeardWord {
  readonly text: string;
  readonly start_ms: number;
  readonly end_ms: number;
  /** 0–1; null: the recogniser tells none. */
  readonly confidence: number | null;
}

interface OfResponse {
  readonly response_id: string;
  readonly output_index: number;
}
interface OfOutputItem extends OfResponse {
  readonly item_id: string;
}
interface OfContent extends OfOutputItem {
  readonly content_index: number;
}

export type ContentPart =
  | { readonly type: "audio"; readonly transcript: string }
  | { readonly type: "text"; readonly text: string };

type ResponseEvent =
  | { readonly type: "response.created" | "response.done"; readonly response: RealtimeResponse }
  | (OfResponse & {
      readonly type: "response.output_item.added" | "response.output_item.done";
      readonly item: ConversationItem;
    })
  | (OfContent & {
      readonly type: "response.content_part.added" | "response.content_part.done";
      readonly part: ContentPart;
    })
  | (OfContent & { readonly type: "response.output_text.delta"; readonly delta: string })
  | (OfContent & { readonly type: "response.output_text.done"; readonly text: string })
  | (OfContent & { readonly type: "response.output_audio_transcript.delta"; readonly delta: string })
  | (OfContent & { readonly type: "response.output_audio_transcript.done"; readonly transcript: string })
  /** `delta`: base64 in the session's output format. */
  | (OfContent & { readonly type: "response.output_audio.delta"; readonly delta: string })
  | (OfContent & { readonly type: "response.output_audio.done" })
  | (OfOutputItem & {
      readonly type: "response.function_call_arguments.delta";
      readonly call_id: string;
      readonly delta: string;
    })
  | (OfOutputItem & {
      readonly type: "response.function_call_arguments.done";
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
    });

export interface RealtimeResponse {
  readonly object: "realtime.response";
  readonly id: string;
  readonly status: "in_progress" | "completed" | "cancelled" | "failed" | "incomplete";
  readonly status_details: StatusDetails | null;
  readonly output: readonly ConversationItem[];
  readonly conversation_id: string | null;
  readonly output_modalities: OutputModalities;
  readonly max_output_tokens: number | "inf";
  readonly audio: { readonly output: { readonly format: AudioFormat; readonly voice: string } };
  readonly usage: ResponseUsage | null;
  readonly metadata: Readonly<Record<string, string>> | null;
}

export type StatusDetails =
  | { readonly type: "cancelled"; readonly reason: "turn_detected" | "client_cancelled" }
  | { readonly type: "incomplete"; readonly reason: "max_output_tokens" | "content_filter" }
  | { readonly type: "failed"; readonly error: { readonly type: string; readonly code: string } };

/** Tokens of text; audio has none here. */
export interface ResponseUsage {
  readonly total_tokens: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly input_token_details: {
    readonly text_tokens: number;
    readonly audio_tokens: number;
    readonly cached_tokens: number;
  };
  readonly output_token_details: { readonly text_tokens: number; readonly audio_tokens: number };
}

export interface RateLimitsEvent {
  readonly type: "rate_limits.updated";
  readonly rate_limits: readonly {
    readonly name: "requests" | "tokens";
    readonly limit: number;
    readonly remaining: number;
    readonly reset_seconds: number;
  }[];
}

export interface EventError {
  /** As under `/v1`: `invalid_request_error`, `server_error`… */
  readonly type: string;
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  /** The client's event it answers to. */
  readonly event_id: string | null;
  /** Ours: the message in Turkish. */
  readonly x_message_tr?: string;
}
export interface ErrorEvent {
  readonly type: "error";
  readonly error: EventError;
}

/** Ours; stock clients hand on what they do not know. */
type OwnEvent =
  /** Before the first word of a routed reply. */
  | {
      readonly type: "x.sector";
      readonly response_id: string;
      /** The conversation that `GET /v1/sessions/:id` and the next `x_session_id` know. */
      readonly session_id: string;
      readonly message_id: string;
      /** Null: none; the base answers. */
      readonly sector: string | null;
      readonly confidence: number;
      readonly routed_by: "request" | "router" | "session" | "fallback";
      readonly adapter: { readonly name: string; readonly version: string } | null;
      readonly alternatives: readonly { readonly sector: string; readonly confidence: number }[];
    }
  /** The passages a reply rests on, as chat names them. */
  | {
      readonly type: "x.sources";
      readonly response_id: string;
      readonly sources: readonly {
        readonly document: string;
        readonly title: string;
        readonly chunk: number;
        readonly score: number;
        readonly sector: string;
        /** What the document rests on. */
        readonly source: string;
        readonly cited: boolean;
      }[];
    }
  | { readonly type: "x.metrics"; readonly response_id: string | null; readonly metrics: TurnMetrics };

/** Times in ms after the end of what was said, as voice activity saw it; null: it did not happen. */
export interface TurnMetrics {
  /** Length of what was said. */
  readonly speech_ms: number | null;
  /** The silence that was waited for. */
  readonly silence_ms: number | null;
  readonly partials: number;
  /** First partial transcript, after the beginning of speech. */
  readonly first_partial_ms: number | null;
  readonly transcript_ms: number | null;
  readonly confidence: number | null;
  readonly routed_ms: number | null;
  readonly first_token_ms: number | null;
  readonly first_audio_ms: number | null;
  /** Audio sent. */
  readonly audio_bytes: number;
  readonly audio_ms: number;
  /** From the onset of the speech that interrupted to the last byte sent. */
  readonly interrupted_ms: number | null;
  /** Time taken per second of audio. */
  readonly recognizer_rtf: number | null;
  readonly synthesizer_rtf: number | null;
  /** Client events that waited when the turn began. */
  readonly queue_depth: number;
}
