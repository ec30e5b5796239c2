import { type Static, Type } from "typebox";
import { chatSettings, inferenceSettings, modelSettings } from "./engine-schema.ts";
import { accessSettings, grpcSettings, httpSettings, limitsSettings, logSettings } from "./gateway-schema.ts";
import { observabilitySettings, pricesSettings } from "./metrics-schema.ts";
import { speechSettings, voiceSettings } from "./speech-schema.ts";
import { redisSettings, storageSettings } from "./storage-schema.ts";
import { tracingSettings } from "./tracing-schema.ts";
import { knowledgeSettings, routingSettings, sessionsSettings } from "./turn-schema.ts";
import { batchSettings, jobsSettings, serverlessSettings } from "./work-schema.ts";
import { workerSettings } from "./worker-schema.ts";

/**
 * How the platform behaves. Files: configs/default.yaml, then the environment (see environment.ts).
 *
 * The schemas are also the reference: `npm run docs:settings` writes docs/guides/settings.md from them, so a setting says what it means in
 * its `description` (Markdown, links as from docs/guides/), and units stand in names (`ttlS`, `timeoutMs`, `bodyLimitBytes`). Where the
 * schema alone does not tell, `form` says what a value looks like, `shownDefault` what a default amounts to; `secret` marks what is one.
 */
export const Settings = Type.Object(
  {
    http: httpSettings,
    access: accessSettings,
    limits: limitsSettings,
    model: modelSettings,
    inference: inferenceSettings,
    chat: chatSettings,
    routing: routingSettings,
    knowledge: knowledgeSettings,
    sessions: sessionsSettings,
    jobs: jobsSettings,
    redis: redisSettings,
    storage: storageSettings,
    serverless: serverlessSettings,
    batch: batchSettings,
    worker: workerSettings,
    speech: speechSettings,
    voice: voiceSettings,
    grpc: grpcSettings,
    log: logSettings,
    observability: observabilitySettings,
    prices: pricesSettings,
    tracing: tracingSettings,
  },
  { additionalProperties: false, default: {} },
);
export type Settings = Static<typeof Settings>;
