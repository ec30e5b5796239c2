import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { ApiKeys, RateLimiter } from "../../access/index.ts";
import type { Engine } from "../../inference/index.ts";
import type { Tracing, VoiceMetrics } from "../../observability/index.ts";
import type { RequestLog } from "../../records/index.ts";
import type { SessionStore } from "../../sessions/index.ts";
import type { Settings } from "../../settings/index.ts";
import { addVoice, createAdmission, type VoiceTransport } from "../../voice/index.ts";
import { createVoiceSessions } from "../../voice/session/open-voice-session.ts";
import { processClock } from "../../voice/session/voice-clock.ts";
import type { Speech } from "./open-speech.ts";
import type { openTurns } from "./open-turns.ts";

/** How long a new session waits for speech to be loaded before it goes on without. */
const readyMs = 20_000;

export interface OpenVoiceParts {
  readonly turns: ReturnType<typeof openTurns>;
  readonly speech: Speech;
  readonly engine: Engine;
  readonly sessions: SessionStore;
  readonly requests: RequestLog;
  readonly apiKeys: ApiKeys;
  readonly limiter: RateLimiter;
  readonly metrics: VoiceMetrics;
  readonly tracing: Tracing | undefined;
  readonly nowIso: () => string;
}

/** Spoken sessions, over the gateway's app. @returns undefined: the settings want none */
export async function openVoice(
  app: FastifyInstance,
  settings: Settings,
  { turns, apiKeys, limiter, ...parts }: OpenVoiceParts,
): Promise<VoiceTransport | undefined> {
  const { voice, speech, chat } = settings;
  if (!voice.enabled) return undefined;
  const openSession = createVoiceSessions({
    ...turns,
    ...parts,
    maxTokens: chat.maxTokens,
    turnDetection: voice,
    voice: speech.synthesizer.voice,
    speed: speech.synthesizer.speed,
    maxSessionS: voice.maxSessionS,
    recordingFolder: voice.recordingFolder,
    waits: {
      readyMs,
      recognitionMs: speech.recognizer.timeoutMs,
      synthesisMs: speech.synthesizer.timeoutMs,
    },
    admit: createAdmission({ limiter, limits: settings.limits }),
    newId: randomUUID,
    clock: processClock,
  });
  const { sectors, resolveModel } = turns;
  return await addVoice(app, { openSession, apiKeys, limiter, sectors, resolveModel, settings });
}
