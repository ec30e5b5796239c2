import type { AddressInfo } from "node:net";
import OpenAI from "openai";
import { audioTranscriptionRoutes } from "../../services/http/audio-transcription-routes.ts";
import { buildApp, openAiErrors } from "../../services/http-kit/index.ts";
import { createLogger } from "../../services/observability/index.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";
import { buildTestGateway, type GatewayOptions } from "./gateway.ts";
import { scriptedRecognizer, scriptedSynthesizer, scriptedVoiceActivity } from "./speech.ts";

export interface AudioGatewayOptions extends Pick<GatewayOptions, "environment"> {
  readonly recognizer?: ReturnType<typeof scriptedRecognizer>;
  readonly synthesizer?: ReturnType<typeof scriptedSynthesizer>;
}

/** A gateway with scripted ears and mouth that listens on loopback, and a stock client that talks to it. */
export async function openAudioGateway({
  recognizer = scriptedRecognizer(),
  synthesizer = scriptedSynthesizer(),
  environment = {},
}: AudioGatewayOptions = {}) {
  const { app } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    speech: { recognizer, synthesizer, voiceActivity: scriptedVoiceActivity() },
    environment,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "loopback-needs-none", maxRetries: 0 });
  return { app, url, client, recognizer, synthesizer };
}

/** The transcription route alone, with limits of the test's own. */
export async function openTranscriptions(
  limits: { readonly maxAudioS: number; readonly maxUploadBytes: number },
  recognizer = scriptedRecognizer(),
) {
  const app = buildApp({
    logger: createLogger("test", "silent"),
    trustProxy: false,
    bodyLimitBytes: 1024,
    requestTimeoutMs: 60_000,
  });
  openAiErrors(app);
  const voiceActivity = scriptedVoiceActivity();
  await app.register(audioTranscriptionRoutes, { recognizer, voiceActivity, limits, replyTimeoutMs: 60_000 });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/audio/transcriptions` };
}
