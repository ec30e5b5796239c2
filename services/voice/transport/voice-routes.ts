import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type ApiKeys, callerOf, type RateLimiter } from "../../access/index.ts";
import type { ResolveModel } from "../../conversation/index.ts";
import { openAiErrorHandler } from "../../http-kit/index.ts";
import type { Sectors, Settings } from "../../settings/index.ts";
import type { PcmRate } from "../events/index.ts";
import type { OpenVoiceSession, VoiceCaller } from "../voice-session.ts";
import { requireKnownOrigin } from "./browser-origin.ts";
import { ConnectionQuery } from "./connection-query.ts";
import { CallsUnsupportedError, UpgradeRequiredError } from "./errors.ts";
import { sectorOfModel } from "./model-sector.ts";
import type { OpenSockets } from "./open-sockets.ts";
import { createRealtimeProtocol } from "./realtime-protocol.ts";
import { createSessionPlaces } from "./session-places.ts";
import { createSimpleProtocol } from "./simple-protocol.ts";
import type { Upgrades } from "./upgrades.ts";
import { joinSession, usualSocketLimits, type VoiceSocketLimits } from "./voice-socket.ts";

export interface VoiceParts {
  readonly openSession: OpenVoiceSession;
  readonly apiKeys: Pick<ApiKeys, "areRequired" | "identify">;
  readonly limiter: RateLimiter;
  readonly sectors: Sectors;
  readonly resolveModel: ResolveModel;
  readonly settings: Pick<Settings, "voice" | "http">;
  /** Other bounds than the usual. */
  readonly socketLimits?: Partial<VoiceSocketLimits>;
}

/** `GET /v1/realtime` — becomes a WebSocket that speaks OpenAI's Realtime events, or the simple mode's. */
export const voiceRoutes: FastifyPluginAsyncTypebox<{
  readonly parts: VoiceParts;
  readonly upgrades: Upgrades;
  readonly open: OpenSockets;
}> = async (app, { parts, upgrades, open }) => {
  const { limiter, settings } = parts;
  const { maxSessions, maxSessionsPerKey, maxSessionS } = settings.voice;
  const enter = createSessionPlaces({ limiter, maxSessions, maxSessionsPerKey });
  const limits = { ...usualSocketLimits, maxSessionS, ...parts.socketLimits };
  openAiErrorHandler(app);
  app.get(
    "/realtime",
    {
      config: { scope: "voice" },
      schema: {
        tags: ["voice"],
        summary: "Sesli oturum (WebSocket). A spoken session.",
        description:
          "OpenAI Realtime (GA) olayları; tarayıcılar anahtarı `openai-insecure-api-key.<anahtar>` alt protokolüyle verebilir. OpenAI's Realtime events; browsers may give the key as a subprotocol.",
        querystring: ConnectionQuery,
      },
    },
    async (request, reply) => {
      const { model = "auto", mode = "realtime", rate, intent, call_id: callId } = request.query;
      if (!upgrades.isUpgrade(request)) {
        reply.header("upgrade", "websocket");
        throw new UpgradeRequiredError();
      }
      requireKnownOrigin(request.headers.origin, request.host, settings.http.corsOrigins);
      if (callId !== undefined) throw new CallsUnsupportedError();
      const { caller, log: logger } = request;
      const sector = await sectorOfModel(model === "" ? "auto" : model, caller.sectors, parts);
      const leave = await enter(caller.keyId);
      const socket = upgrades.accept(request, reply);
      if (socket === undefined) {
        leave();
        return reply;
      }
      const simple = mode === "simple";
      const pcmRate = rate === undefined ? (simple ? 16_000 : 24_000) : (Number(rate) as PcmRate);
      const { authorization } = request.headers;
      const voiceCaller: VoiceCaller = {
        requestId: request.id,
        caller,
        requireKey: async () => {
          await callerOf(parts.apiKeys, authorization);
        },
        model: model === "" ? "auto" : model,
        sector,
        opening: { pcmRate, transcriptionOnly: intent === "transcription" },
        logger,
      };
      logger.info({ mode, pcmRate }, "voice-socket-open");
      const joined = joinSession(
        socket,
        simple ? createSimpleProtocol(voiceCaller.opening) : createRealtimeProtocol(),
        voiceCaller,
        { openSession: parts.openSession, limits },
      );
      open.add(joined);
      void joined.ended.then(leave);
      return reply;
    },
  );
};
