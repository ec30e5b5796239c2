import { Type } from "typebox";
import { closed } from "./closed.ts";

export const speechSettings = Type.Object(
  {
    recognizer: Type.Object(
      {
        engine: Type.Enum(["embedded", "whisper", "sherpa", "http", "off"], {
          default: "embedded",
          description:
            "what turns [speech](../voice.md) into text; `embedded` has only ever heard synthetic speech; `http`: an OpenAI-compatible `/v1/audio/transcriptions`",
        }),
        model: Type.String({
          default: "",
          description: "its file (whisper: ggml), folder (sherpa), or the https address of a file",
        }),
        sha256: Type.String({
          pattern: "^([0-9a-f]{64})?$",
          default: "",
          description: "what that file must be; without it nothing is checked",
          form: "64 hex digits",
        }),
        kind: Type.Enum(["whisper", "zipformer", "nemo", "omnilingual"], {
          default: "whisper",
          description: "what a sherpa folder holds",
        }),
        url: Type.String({
          pattern: "^(https?://.+)?$",
          default: "",
          description: "base address of `http`, such as `http://127.0.0.1:8000/v1`",
          form: "http(s)",
        }),
        token: Type.String({ default: "", description: "bearer token for it", secret: true }),
        remoteModel: Type.String({ default: "whisper-1", description: "the model's name there" }),
        partials: Type.Enum(["auto", "on", "off"], {
          default: "auto",
          description:
            "whether spoken sessions get transcripts while somebody speaks; `auto`: from recognisers that are quick at it (`embedded`, and `sherpa` unless it holds a Whisper). A slow one gives them as seldom as it must, and a final transcript waits for the one under way",
        }),
        timeoutMs: Type.Integer({
          minimum: 100,
          maximum: 600_000,
          default: 15_000,
          description: "longest wait for one transcript",
        }),
      },
      closed,
    ),
    synthesizer: Type.Object(
      {
        engine: Type.Enum(["embedded", "sherpa", "http", "off"], {
          default: "embedded",
          description:
            "what turns text into speech; `embedded`: espeak-ng in a process of its own; `sherpa`: a Piper (VITS) folder; `http`: an OpenAI-compatible `/v1/audio/speech`",
        }),
        model: Type.String({ default: "", description: "sherpa's folder" }),
        url: Type.String({
          pattern: "^(https?://.+)?$",
          default: "",
          description: "base address of `http`",
          form: "http(s)",
        }),
        token: Type.String({ default: "", description: "bearer token for it", secret: true }),
        remoteModel: Type.String({ default: "tts-1", description: "the model's name there" }),
        voice: Type.String({
          default: "",
          description: "where the caller names none; `GET /v1/audio/voices` lists them",
          shownDefault: "the engine's first",
        }),
        speed: Type.Number({
          minimum: 0.25,
          maximum: 4,
          default: 1,
          description: "where the caller says nothing; 1 = the voice's own",
        }),
        timeoutMs: Type.Integer({
          minimum: 100,
          maximum: 600_000,
          default: 15_000,
          description: "longest wait for the first sample",
        }),
      },
      closed,
    ),
    threads: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 1,
      description: "CPU threads of recogniser and voice activity together",
    }),
    queueLimit: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 64,
      description: "utterances that may wait to be recognised, and to be spoken",
    }),
    maxAudioS: Type.Integer({
      minimum: 1,
      maximum: 14_400,
      default: 1800,
      description: "longest recording of one transcription",
    }),
    maxUploadBytes: Type.Integer({
      minimum: 1024,
      maximum: 1_073_741_824,
      default: 26_214_400,
      description: "its largest upload",
    }),
    maxSpeechCharacters: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 4096,
      description: "longest text of one speech",
    }),
    qualitySample: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.05,
      description:
        "share of what is spoken that the embedded recogniser hears again, behind the reply, for `turkish_ai_tts_quality_score` ([metrics](../metrics.md#speech)); other recognisers never do",
      form: "0–1",
    }),
  },
  { ...closed, title: "ears and a mouth", description: "Loaded when the first caller needs them." },
);

export const voiceSettings = Type.Object(
  {
    enabled: Type.Boolean({
      default: true,
      description: "whether there are [spoken sessions](../voice.md) over `/v1/realtime`",
    }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      default: 8765,
      description: "a second listener, where `/` is `/v1/realtime`, at the address of `http.host`; 0 = none",
    }),
    maxSessions: Type.Integer({ minimum: 1, maximum: 100_000, default: 200, description: "at once" }),
    maxSessionsPerKey: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 50,
      description: "of one key at once; gateways with shared limits count together",
    }),
    maxSessionS: Type.Integer({
      minimum: 10,
      maximum: 86_400,
      default: 3600,
      description: "a session ends after so long",
    }),
    maxMessageBytes: Type.Integer({
      minimum: 65_536,
      maximum: 67_108_864,
      default: 22_020_096,
      description: "a larger message ends its session (WebSocket 1009); the protocol allows 15 MiB of audio, in base64",
    }),
    silenceMs: Type.Integer({
      minimum: 100,
      maximum: 5000,
      default: 500,
      description: "silence that ends what is said, where `session.update` does not say",
    }),
    prefixPaddingMs: Type.Integer({
      minimum: 0,
      maximum: 2000,
      default: 300,
      description: "audio kept from before the first sound, likewise",
    }),
    threshold: Type.Number({
      minimum: 0.05,
      maximum: 0.95,
      default: 0.5,
      description: "probability from which it is speech, likewise",
    }),
    recordingFolder: Type.String({
      default: "",
      description: "where sessions whose speaker consents (`x_record: true`) are recorded; without it none is",
    }),
  },
  { ...closed, title: "spoken sessions over WebSocket" },
);
