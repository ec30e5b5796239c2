import type { FastifyBaseLogger } from "fastify";
import type { ApiKeys, RateLimiter } from "../access/index.ts";
import type { Batches, BatchFiles } from "../batch/index.ts";
import type {
  AdapterDirectory,
  GroundPrompt,
  HistoryLimits,
  MessageLimits,
  ResolveModel,
  TakeTurn,
} from "../conversation/index.ts";
import type { FeedbackStore } from "../feedback/index.ts";
import type { Engine, SamplingParameters } from "../inference/index.ts";
import type { JobOutputs, Jobs } from "../jobs/index.ts";
import type { ExpositionFormat, GatewayMetrics, Tracing } from "../observability/index.ts";
import type { RequestLog } from "../records/index.ts";
import type { Router, SectorRegistry } from "../routing/index.ts";
import type { Serverless } from "../serverless/index.ts";
import type { SessionStore } from "../sessions/index.ts";
import type { Sectors, Settings } from "../settings/index.ts";
import type { Recognizer, Synthesizer, VoiceActivity } from "../speech/index.ts";
import type { EraseUser } from "./user-routes.ts";

/** Everything the gateway's HTTP face stands on. */
export interface GatewayParts {
  readonly settings: Pick<Settings, "http" | "limits" | "serverless" | "batch" | "speech">;
  readonly logger: FastifyBaseLogger;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  readonly version: string;
  readonly apiKeys: ApiKeys;
  readonly limiter: RateLimiter;
  readonly engine: Engine;
  readonly router: Router;
  readonly sectors: Sectors;
  /** Lets sectors come and go while the gateway runs. */
  readonly registry: SectorRegistry;
  readonly sessions: SessionStore;
  readonly history: HistoryLimits;
  /** Told of each turn that its session has kept. */
  readonly onKept: (sessionId: string) => void;
  readonly requests: RequestLog;
  readonly feedback: FeedbackStore;
  readonly eraseUser: EraseUser;
  readonly jobs: Jobs;
  readonly jobOutputs: JobOutputs;
  /** Folder of the administrators' page. */
  readonly jobsPage: string;
  /** Folder of the page that talks. */
  readonly voicePage: string;
  /** Ears and a mouth; each loads when it is first needed. */
  readonly speech: {
    readonly recognizer: Recognizer;
    readonly synthesizer: Synthesizer;
    readonly voiceActivity: VoiceActivity;
  };
  readonly serverless: Serverless;
  readonly files: BatchFiles;
  readonly batches: Batches;
  readonly adapters: AdapterDirectory;
  readonly takeTurn: TakeTurn;
  readonly groundPrompt: GroundPrompt;
  readonly resolveModel: ResolveModel;
  readonly limits: MessageLimits;
  readonly sampling: SamplingParameters;
  readonly metrics: GatewayMetrics;
  /** The engine process's own metrics text; "" where it is scraped by itself. */
  readonly engineMetrics: (format: ExpositionFormat) => Promise<string>;
  readonly arePartsReady: () => Promise<boolean>;
  readonly modelConfig: Readonly<Record<string, unknown>>;
  /** Folder of the feedback form. */
  readonly feedbackPage: string;
  readonly startPage: { readonly folder: string; readonly errorsDocument: string };
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly nowIso: () => string;
}
