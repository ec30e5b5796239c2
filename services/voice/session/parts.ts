import type { Caller } from "../../access/index.ts";
import type {
  GroundPrompt,
  HistoryLimits,
  KeepTurn,
  MessageLimits,
  ResolveModel,
  TakeTurn,
} from "../../conversation/index.ts";
import type { Engine, SamplingParameters } from "../../inference/index.ts";
import type { Tracing, VoiceMetrics } from "../../observability/index.ts";
import type { RequestLog } from "../../records/index.ts";
import type { SessionStore } from "../../sessions/index.ts";
import type { Sectors } from "../../settings/index.ts";
import type { Recognizer, Synthesizer, VoiceActivity } from "../../speech/index.ts";
import type { RateLimitsEvent, TurnDetectionDefaults } from "../events/index.ts";
import type { VoiceClock } from "./voice-clock.ts";

/** Everything spoken sessions stand on; one for all of them. */
export interface VoiceSessionParts {
  readonly speech: {
    readonly recognizer: Recognizer;
    readonly synthesizer: Synthesizer;
    readonly voiceActivity: VoiceActivity;
  };
  readonly takeTurn: TakeTurn;
  readonly keepTurn: KeepTurn;
  readonly resolveModel: ResolveModel;
  readonly groundPrompt: GroundPrompt;
  readonly engine: Engine;
  readonly sectors: Sectors;
  readonly sessions: Pick<SessionStore, "load">;
  readonly history: HistoryLimits;
  readonly limits: MessageLimits;
  readonly sampling: SamplingParameters;
  /** Tokens of a reply where nobody says. */
  readonly maxTokens: number;
  readonly requests: Pick<RequestLog, "record">;
  readonly metrics: VoiceMetrics;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  readonly turnDetection: TurnDetectionDefaults;
  /** Where the caller says nothing: a voice ("": the first) and its speed, 1 = the voice's own. */
  readonly voice: string;
  readonly speed: number;
  readonly maxSessionS: number;
  /** Folder of recordings; "": none are made. */
  readonly recordingFolder: string;
  /** Longest waits, ms: for speech to be loaded, for a transcript, for a synthesiser's next samples. */
  readonly waits: { readonly readyMs: number; readonly recognitionMs: number; readonly synthesisMs: number };
  /**
   * Counts a reply against the caller's limits. @returns what is left, where there are limits
   * @throws {RateLimitError}
   */
  readonly admit?: (caller: Caller, userId: string | undefined) => Promise<RateLimitsEvent["rate_limits"] | undefined>;
  readonly newId: () => string;
  readonly clock: VoiceClock;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
}
