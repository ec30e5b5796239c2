import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { openAiErrors } from "../http-kit/index.ts";
import { adapterRoutes } from "./adapter-routes.ts";
import { audioSpeechRoutes } from "./audio-speech-routes.ts";
import { audioTranscriptionRoutes } from "./audio-transcription-routes.ts";
import { batchRoutes } from "./batch-routes.ts";
import { classifyRoutes } from "./classify-routes.ts";
import { feedbackRoutes } from "./feedback-routes.ts";
import { fileRoutes } from "./file-routes.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { jobRoutes } from "./job-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { modelRoutes } from "./model-routes.ts";
import { openAiChatRoutes } from "./openai-chat-routes.ts";
import { createOpenAiSessions } from "./openai-sessions.ts";
import { openAiTextRoutes } from "./openai-text-routes.ts";
import { routingExampleRoutes } from "./routing-example-routes.ts";
import { runTimeSectorRoutes } from "./run-time-sector-routes.ts";
import { sectorRoutes } from "./sector-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { userRoutes } from "./user-routes.ts";

/** Everything under `/v1`, with errors in OpenAI's shape. */
export const v1Routes: FastifyPluginAsyncTypebox<{ parts: GatewayParts }> = async (app, { parts }) => {
  const {
    engine,
    router,
    sectors,
    limits,
    adapters,
    sessions,
    resolveModel,
    groundPrompt,
    sampling,
    nowMs,
    nowIso,
    newId,
  } = parts;
  const { replyTimeoutMs } = parts.settings.http;
  openAiErrors(app);
  await app.register(openAiChatRoutes, {
    engine,
    sectors,
    limits,
    replyTimeoutMs,
    resolveModel,
    groundPrompt,
    sampling,
    sessions: createOpenAiSessions({ store: sessions, history: parts.history, onKept: parts.onKept, newId, nowIso }),
    requests: parts.requests,
  });
  await app.register(openAiTextRoutes, {
    engine,
    limits,
    replyTimeoutMs,
    resolveModel,
    requests: parts.requests,
  });
  await app.register(modelRoutes, {
    adapters,
    modelConfig: parts.modelConfig,
    startedAt: Math.floor(Date.parse(nowIso()) / 1000),
  });
  await app.register(adapterRoutes, { engine });
  await app.register(classifyRoutes, { router, sectors, limits, nowMs });
  await app.register(sectorRoutes, { sectors, router, adapters });
  await app.register(runTimeSectorRoutes, { registry: parts.registry, replyTimeoutMs });
  await app.register(sessionRoutes, { sessions });
  await app.register(keyRoutes, { apiKeys: parts.apiKeys, sectors, nowIso });
  await app.register(feedbackRoutes, { feedback: parts.feedback, sectors });
  await app.register(routingExampleRoutes, { feedback: parts.feedback, sectors });
  await app.register(jobRoutes, { jobs: parts.jobs, outputs: parts.jobOutputs, feedback: parts.feedback });
  await app.register(userRoutes, { eraseUser: parts.eraseUser });
  await app.register(fileRoutes, { files: parts.files, maxFileBytes: parts.settings.batch.maxFileBytes });
  await app.register(batchRoutes, { batches: parts.batches });
  const { speech } = parts.settings;
  const { recognizer, voiceActivity, synthesizer } = parts.speech;
  await app.register(audioTranscriptionRoutes, { recognizer, voiceActivity, limits: speech, replyTimeoutMs });
  await app.register(audioSpeechRoutes, { synthesizer, limits: speech, defaults: speech.synthesizer, replyTimeoutMs });
};
