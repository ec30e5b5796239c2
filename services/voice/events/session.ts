import { InvalidRequestError } from "../../foundation/index.ts";
import { stockVoices, VoiceUnknownError } from "../../speech/index.ts";
import { type AudioFormat, audioFormat, type PcmRate } from "./audio-formats.ts";
import type { FunctionTool, SessionPatch, ToolChoice } from "./session-shapes.ts";
import { type TurnDetection, type TurnDetectionDefaults, turnDetection } from "./turn-detection.ts";

/** One of the two, as the protocol has it: spoken replies come with their text anyway. */
export type OutputModalities = readonly ["audio"] | readonly ["text"];

export interface Transcription {
  /** The recogniser's name. */
  readonly model: string;
  readonly language: string;
  readonly prompt?: string;
}

/** A session as it is now; goes to the client whole, in `session.created` and `session.updated`. */
export interface SessionConfig {
  /** `transcription`: what is said is written down and not answered. */
  readonly type: "realtime" | "transcription";
  readonly object: "realtime.session";
  readonly id: string;
  /** As the client asked for it: `auto`, a sector, `sector@version`, or the base's id. */
  readonly model: string;
  /** Unix time, s. */
  readonly expires_at: number;
  readonly output_modalities: OutputModalities;
  /** In the place of the sector's system prompt; "": the sector's. */
  readonly instructions: string;
  readonly tools: readonly FunctionTool[];
  readonly tool_choice: ToolChoice;
  readonly max_output_tokens: number | "inf";
  readonly tracing: null;
  readonly truncation: "auto";
  readonly prompt: null;
  readonly include: null;
  readonly audio: {
    readonly input: {
      readonly format: AudioFormat;
      /** Null: the client wants to see no transcripts. */
      readonly transcription: Transcription | null;
      /** None is done. */
      readonly noise_reduction: null;
      /** Null: push-to-talk, the client commits. */
      readonly turn_detection: TurnDetection | null;
    };
    readonly output: {
      readonly format: AudioFormat;
      readonly voice: string;
      /** 0.25–4; 1 = the voice's own. */
      readonly speed: number;
    };
  };
  /** The sector of every turn; null: the router decides. */
  readonly x_sector: string | null;
  /** The conversation it goes on with; null: a new one. */
  readonly x_session_id: string | null;
  readonly x_record: boolean;
  /** Whose conversation it is, where the key does not say. */
  readonly x_user_id: string | null;
  /** Who listens has only ever heard synthetic speech; no client can change it. */
  readonly x_synthetic_only: boolean;
}

/** What sessions here are made of. */
export interface SessionFacts {
  readonly turnDetection: TurnDetectionDefaults;
  readonly recognizer: string;
  /** It was trained on synthetic speech alone. */
  readonly syntheticOnly: boolean;
  /** The synthesiser's, first one first. */
  readonly voices: readonly string[];
  /** Where the caller names none; "": the first. */
  readonly voice: string;
  readonly speed: number;
}

export interface NewSession {
  readonly id: string;
  readonly model: string;
  readonly expiresAtS: number;
  readonly sector: string | null;
  /** Of PCM in both directions; default 24 000. */
  readonly pcmRate?: PcmRate;
  readonly transcriptionOnly?: boolean;
}

/** A session before its first `session.update`. */
export function newSession(wanted: NewSession, facts: SessionFacts): SessionConfig {
  const { id, model, expiresAtS, sector, pcmRate = 24_000, transcriptionOnly = false } = wanted;
  const format: AudioFormat = { type: "audio/pcm", rate: pcmRate };
  return {
    type: transcriptionOnly ? "transcription" : "realtime",
    object: "realtime.session",
    id,
    model,
    expires_at: expiresAtS,
    output_modalities: ["audio"],
    instructions: "",
    tools: [],
    tool_choice: "auto",
    max_output_tokens: "inf",
    tracing: null,
    truncation: "auto",
    prompt: null,
    include: null,
    audio: {
      input: {
        format,
        transcription: { model: facts.recognizer, language: "tr" },
        noise_reduction: null,
        turn_detection: turnDetection({ type: "server_vad" }, null, facts.turnDetection),
      },
      output: { format, voice: defaultVoice(facts), speed: facts.speed },
    },
    x_sector: sector,
    x_session_id: null,
    x_record: false,
    x_user_id: null,
    x_synthetic_only: facts.syntheticOnly,
  };
}

/**
 * The session after an update. What the patch does not name stays.
 * @throws {VoiceUnknownError} @throws {InvalidRequestError} a tool choice that names no tool
 */
export function updateSession(session: SessionConfig, patch: SessionPatch, facts: SessionFacts): SessionConfig {
  const { input = {}, output = {} } = patch.audio ?? {};
  const before = session.audio;
  const tools = patch.tools ?? session.tools;
  const toolChoice = patch.tool_choice ?? session.tool_choice;
  if (typeof toolChoice === "object" && !tools.some(({ name }) => name === toolChoice.name)) {
    throw new InvalidRequestError(`tool_choice names "${toolChoice.name}", which is not among the tools.`, {
      param: "session.tool_choice",
      messageTr: `tool_choice alanındaki "${toolChoice.name}" araçlar arasında yok.`,
    });
  }
  return {
    ...session,
    type: patch.type,
    output_modalities:
      patch.output_modalities === undefined ? session.output_modalities : modalities(patch.output_modalities),
    instructions: patch.instructions ?? session.instructions,
    tools,
    tool_choice: toolChoice,
    max_output_tokens: patch.max_output_tokens ?? session.max_output_tokens,
    audio: {
      input: {
        ...before.input,
        format: input.format === undefined ? before.input.format : audioFormat(input.format),
        transcription:
          input.transcription === undefined
            ? before.input.transcription
            : transcriptionOf(input.transcription, before.input.transcription, facts),
        turn_detection:
          input.turn_detection === undefined
            ? before.input.turn_detection
            : turnDetection(input.turn_detection, before.input.turn_detection, facts.turnDetection),
      },
      output: {
        format: output.format === undefined ? before.output.format : audioFormat(output.format),
        voice: output.voice === undefined ? before.output.voice : voiceOf(output.voice, facts),
        speed: output.speed ?? before.output.speed,
      },
    },
    x_sector: patch.x_sector === undefined ? session.x_sector : patch.x_sector,
    x_session_id: patch.x_session_id ?? session.x_session_id,
    x_record: patch.x_record ?? session.x_record,
    x_user_id: patch.x_user_id ?? session.x_user_id,
  };
}

/** @throws {VoiceUnknownError} */
export function voiceOf(
  asked: string | { readonly id: string },
  facts: Pick<SessionFacts, "voices" | "voice">,
): string {
  const name = typeof asked === "string" ? asked : asked.id;
  if (facts.voices.includes(name)) return name;
  if (stockVoices.has(name)) return defaultVoice(facts);
  throw new VoiceUnknownError(facts.voices);
}

export function modalities(asked: readonly ("text" | "audio")[]): OutputModalities {
  return asked.includes("audio") ? ["audio"] : ["text"];
}

function defaultVoice({ voice, voices }: Pick<SessionFacts, "voices" | "voice">): string {
  return voices.includes(voice) ? voice : (voices[0] ?? "");
}

function transcriptionOf(
  asked: { readonly language?: string; readonly prompt?: string } | null,
  before: Transcription | null,
  facts: SessionFacts,
): Transcription | null {
  if (asked === null) return null;
  const prompt = asked.prompt ?? before?.prompt;
  return {
    // Whatever model was asked for, this is the one that listens.
    model: facts.recognizer,
    language: asked.language ?? before?.language ?? "tr",
    ...(prompt === undefined ? {} : { prompt }),
  };
}
