import { Type } from "typebox";
import { closed } from "./closed.ts";

/** Ears and a mouth: what turns speech into text and text into speech. Loaded when the first caller needs them. */
export const speechSettings = Type.Object(
  {
    recognizer: Type.Object(
      {
        /** `embedded` knows synthetic speech only; `http`: an OpenAI-compatible `/v1/audio/transcriptions`. */
        engine: Type.Enum(["embedded", "whisper", "sherpa", "http", "off"], { default: "embedded" }),
        /** A file (whisper: ggml), a folder (sherpa), or an https URL of a file. */
        model: Type.String({ default: "" }),
        /** Expected SHA-256 of that file, hex; empty: not checked. */
        sha256: Type.String({ pattern: "^([0-9a-f]{64})?$", default: "" }),
        /** What a sherpa folder holds. */
        kind: Type.Enum(["whisper", "zipformer", "nemo", "omnilingual"], { default: "whisper" }),
        /** Base URL of `http`, such as `http://127.0.0.1:8000/v1`. */
        url: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
        /** Bearer token for that URL. */
        token: Type.String({ default: "" }),
        /** The model's name at that URL. */
        remoteModel: Type.String({ default: "whisper-1" }),
        timeoutMs: Type.Integer({ minimum: 100, maximum: 600_000, default: 15_000 }),
      },
      closed,
    ),
    synthesizer: Type.Object(
      {
        /** `embedded`: espeak-ng in a process of its own; `sherpa`: a Piper (VITS) folder; `http`: an OpenAI-compatible `/v1/audio/speech`. */
        engine: Type.Enum(["embedded", "sherpa", "http", "off"], { default: "embedded" }),
        /** A folder (sherpa). */
        model: Type.String({ default: "" }),
        url: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
        token: Type.String({ default: "" }),
        remoteModel: Type.String({ default: "tts-1" }),
        /** Where the caller names none; empty: the engine's first. */
        voice: Type.String({ default: "" }),
        /** Where the caller says nothing, 1 = the voice's own. */
        speed: Type.Number({ minimum: 0.25, maximum: 4, default: 1 }),
        /** Longest wait for the first sample. */
        timeoutMs: Type.Integer({ minimum: 100, maximum: 600_000, default: 15_000 }),
      },
      closed,
    ),
    /** CPU threads of the process's recogniser and voice activity together. */
    threads: Type.Integer({ minimum: 1, maximum: 64, default: 1 }),
    /** Utterances that may wait to be recognised, and to be spoken. */
    queueLimit: Type.Integer({ minimum: 1, maximum: 10_000, default: 64 }),
    /** Longest recording of one transcription. */
    maxAudioS: Type.Integer({ minimum: 1, maximum: 14_400, default: 1800 }),
    /** Largest upload of one transcription. */
    maxUploadBytes: Type.Integer({ minimum: 1024, maximum: 1_073_741_824, default: 26_214_400 }),
    /** Longest text of one speech. */
    maxSpeechCharacters: Type.Integer({ minimum: 1, maximum: 100_000, default: 4096 }),
  },
  closed,
);

/** Spoken sessions over WebSocket: `/v1/realtime`, and `/` on a port of their own. */
export const voiceSettings = Type.Object(
  {
    enabled: Type.Boolean({ default: true }),
    /** A second listener for voice alone, 8765 by custom; 0 = none. Same address as `http.host`. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8765 }),
    maxSessions: Type.Integer({ minimum: 1, maximum: 100_000, default: 200 }),
    maxSessionsPerKey: Type.Integer({ minimum: 1, maximum: 100_000, default: 50 }),
    /** A session ends after so long. */
    maxSessionS: Type.Integer({ minimum: 10, maximum: 86_400, default: 3600 }),
    /** Largest message from a client; the protocol allows 15 MiB of audio. */
    maxMessageBytes: Type.Integer({ minimum: 65_536, maximum: 67_108_864, default: 22_020_096 }),
    /** Where `session.update` does not say. */
    silenceMs: Type.Integer({ minimum: 100, maximum: 5000, default: 500 }),
    prefixPaddingMs: Type.Integer({ minimum: 0, maximum: 2000, default: 300 }),
    threshold: Type.Number({ minimum: 0.05, maximum: 0.95, default: 0.5 }),
    /** Whether a session that consents (`x_record: true`) is recorded, and where; empty: never. */
    recordingFolder: Type.String({ default: "" }),
  },
  closed,
);
