/** What the sockets (transport/) and the conversation behind them (session/) promise each other. */
import type { Caller } from "../access/index.ts";
import type { Logger } from "../foundation/index.ts";
import type { ClientEvent, PcmRate, ServerEvent } from "./events/index.ts";

/** Who is at the other end. */
export interface VoiceCaller {
  /** Id of the request that opened the socket; log lines and request rows have it. */
  readonly requestId: string;
  /** Who the key says it is. Its `sectors` bound every sector, forced or routed; a `userId` goes before `x_user_id`. */
  readonly caller: Caller;
  /** Looks whether the key still holds: it may have been revoked, or be over. @throws {InvalidApiKeyError} it does not */
  readonly requireKey: () => Promise<void>;
  /** As asked for in the address; `auto` where nothing is. */
  readonly model: string;
  /** The sector that the model stands for: the session begins with it as `x_sector`. Null: the router decides. */
  readonly sector: string | null;
  /** What the socket asks for besides; GA clients say all of it in `session.update`. */
  readonly opening: VoiceOpening;
  /** Bound to the request. What is said and keys never go here. */
  readonly logger: Logger;
}

export interface VoiceOpening {
  /** Rate of PCM in both directions where it is another than the protocol's 24 000; simple mode may say. */
  readonly pcmRate?: PcmRate;
  /** `intent=transcription` in the address: what is said is written down and not answered. */
  readonly transcriptionOnly?: boolean;
}

/** Why a socket ends from our side; it is the close frame's reason. */
export type VoiceCloseReason =
  | "session_expired"
  | "reader_too_slow"
  | "too_many_events"
  | "key_ended"
  | "shutting_down"
  | "session_failed";

export interface VoiceOutput {
  /** Never throws and never waits; after the socket's end it does nothing. */
  send(event: ServerEvent): void;
  /** What the client has not taken yet, bytes. Past the bound the socket ends by itself. */
  bufferedBytes(): number;
  /** Ends the socket; `close` of the session follows. */
  close(reason: VoiceCloseReason): void;
}

export interface VoiceSession {
  /**
   * Takes one event; what comes of it goes to the output, refusals included. Never throws, never waits.
   * Events are taken one after the other; where too many wait, the session closes its output with `too_many_events`.
   * @param bytes length of the message that brought it, which is about what it holds while it waits
   */
  handle(event: ClientEvent, bytes: number): void;
  /** Audio in the session's input format, as `input_audio_buffer.append` brings it: simple mode, which counts no events. */
  handleAudio(bytes: Uint8Array): void;
  /** The socket is gone: ends whatever is on its way and sends nothing more. Resolves when all is let go. */
  close(): Promise<void>;
}

/** Opens the session of one socket; `session.created` comes through `output`, at once or when it can listen. */
export type OpenVoiceSession = (caller: VoiceCaller, output: VoiceOutput) => VoiceSession;
