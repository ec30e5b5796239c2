import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { clientSignal, openAiErrors } from "../http-kit/index.ts";
import type { RunOwner, Serverless } from "../serverless/index.ts";
import {
  EndpointParams,
  HealthReply,
  PurgeReply,
  RunBody,
  RunParams,
  RunReply,
  runRequestOf,
  StreamReply,
  WaitQuery,
  waitMsOf,
} from "./serverless-shapes.ts";

export interface ServerlessRouteParts {
  readonly serverless: Serverless;
  /** Largest bodies. */
  readonly limits: { readonly runBodyBytes: number; readonly runsyncBodyBytes: number };
}

/** Longest time anything but a wait takes. */
const callMs = 30_000;
const config = { scope: "chat" } as const;
const tags = ["serverless"];

/** `/v2/:endpoint`: conversation turns as jobs, in the manner of RunPod's serverless API. */
export const serverlessRoutes: FastifyPluginAsyncTypebox<ServerlessRouteParts> = async (
  app,
  { serverless, limits },
) => {
  openAiErrors(app);
  // Clients send their JSON headers with nothing behind them where there is nothing to say.
  app.addHook("onRequest", async ({ headers }) => {
    const { "content-length": length = "0", "transfer-encoding": encoding } = headers;
    if (length === "0" && encoding === undefined) delete headers["content-type"];
  });

  app.post(
    "/:endpoint/run",
    {
      config,
      bodyLimit: limits.runBodyBytes,
      schema: {
        tags,
        summary: "İş sıraya alınır; sonucu /status verir",
        params: EndpointParams,
        body: RunBody,
        response: { 200: RunReply },
      },
    },
    async (request) => await serverless.run(request.params.endpoint, ownerOf(request), runRequestOf(request.body)),
  );

  app.post(
    "/:endpoint/runsync",
    {
      config: { ...config, streams: true },
      bodyLimit: limits.runsyncBodyBytes,
      schema: {
        tags,
        summary: "İş sıraya alınır, sonucu beklenir",
        params: EndpointParams,
        querystring: WaitQuery,
        body: RunBody,
        response: { 200: RunReply },
      },
    },
    async (request, reply) => {
      const waitMs = waitMsOf(request.query);
      const signal = clientSignal(reply, waitMs + callMs);
      const { endpoint } = request.params;
      return await serverless.runSync(endpoint, ownerOf(request), runRequestOf(request.body), waitMs, signal);
    },
  );

  app.get(
    "/:endpoint/status/:id",
    {
      config,
      schema: { tags, summary: "İşin durumu ve sonucu", params: RunParams, response: { 200: RunReply } },
    },
    async (request, reply) => {
      const { endpoint, id } = request.params;
      return await serverless.status(endpoint, ownerOf(request), id, 0, clientSignal(reply, callMs));
    },
  );

  app.get(
    "/:endpoint/status-sync/:id",
    {
      config: { ...config, waits: true },
      schema: {
        tags,
        summary: "İşin durumu; bitmediyse beklenir",
        params: RunParams,
        querystring: WaitQuery,
        response: { 200: RunReply },
      },
    },
    async (request, reply) => {
      const { endpoint, id } = request.params;
      const waitMs = waitMsOf(request.query);
      return await serverless.status(endpoint, ownerOf(request), id, waitMs, clientSignal(reply, waitMs + callMs));
    },
  );

  app.route({
    method: ["GET", "POST"],
    url: "/:endpoint/stream/:id",
    config: { ...config, waits: true },
    schema: {
      tags,
      summary: "Son çağrıdan bu yana gelen metin",
      params: RunParams,
      response: { 200: StreamReply },
    },
    handler: async (request, reply) => {
      const { endpoint, id } = request.params;
      const { status, stream } = await serverless.stream(endpoint, ownerOf(request), id, clientSignal(reply, callMs));
      return { status, stream: [...stream] };
    },
  });

  app.post(
    "/:endpoint/cancel/:id",
    { config, schema: { tags, summary: "İş iptal edilir", params: RunParams, response: { 200: RunReply } } },
    async (request, reply) => {
      const { endpoint, id } = request.params;
      return await serverless.cancel(endpoint, ownerOf(request), id, clientSignal(reply, callMs));
    },
  );

  app.post(
    "/:endpoint/retry/:id",
    {
      config,
      schema: {
        tags,
        summary: "FAILED ya da TIMED_OUT iş yeniden sıraya alınır",
        params: RunParams,
        response: { 200: RunReply },
      },
    },
    async (request) => await serverless.retry(request.params.endpoint, ownerOf(request), request.params.id),
  );

  app.post(
    "/:endpoint/purge-queue",
    {
      config,
      schema: {
        tags,
        summary: "Anahtarın bekleyen işleri silinir",
        params: EndpointParams,
        response: { 200: PurgeReply },
      },
    },
    async (request) => {
      const removed = await serverless.purge(request.params.endpoint, ownerOf(request));
      return { removed, status: "completed" as const };
    },
  );

  app.get(
    "/:endpoint/health",
    { config, schema: { tags, summary: "İşler ve işçiler", params: EndpointParams, response: { 200: HealthReply } } },
    async (request) => await serverless.health(request.params.endpoint),
  );
};

function ownerOf({ caller: { keyId, userId, sectors } }: FastifyRequest): RunOwner {
  return { keyId, userId, sectors };
}
