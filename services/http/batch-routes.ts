import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import type { Batch, Batches } from "../batch/index.ts";
import { renderPage, unixSeconds } from "./file-shapes.ts";

const config = { scope: "chat" } as const;
const tags = ["batches"];
const Params = Type.Object({ id: Type.String() });

const NewBatchBody = Type.Object({
  input_file_id: Type.String({ minLength: 1, maxLength: 64 }),
  endpoint: Type.Literal("/v1/chat/completions"),
  completion_window: Type.Literal("24h"),
  metadata: Type.Optional(
    Type.Union([
      Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 512 }), { maxProperties: 16 }),
      Type.Null(),
    ]),
  ),
});

const at = Type.Optional(Type.Integer());
const BatchReply = Type.Object({
  id: Type.String(),
  object: Type.Literal("batch"),
  endpoint: Type.String(),
  errors: Type.Optional(
    Type.Object({
      object: Type.Literal("list"),
      data: Type.Array(
        Type.Object({
          code: Type.String(),
          message: Type.String(),
          line: Type.Union([Type.Integer(), Type.Null()]),
          param: Type.Union([Type.String(), Type.Null()]),
        }),
      ),
    }),
  ),
  input_file_id: Type.String(),
  completion_window: Type.String(),
  status: Type.Enum([
    "validating",
    "failed",
    "in_progress",
    "finalizing",
    "completed",
    "expired",
    "cancelling",
    "cancelled",
  ]),
  output_file_id: Type.Optional(Type.String()),
  error_file_id: Type.Optional(Type.String()),
  created_at: Type.Integer({ description: "Unix saniyesi. Unix seconds." }),
  in_progress_at: at,
  expires_at: Type.Integer(),
  finalizing_at: at,
  completed_at: at,
  failed_at: at,
  expired_at: at,
  cancelling_at: at,
  cancelled_at: at,
  request_counts: Type.Object({ total: Type.Integer(), completed: Type.Integer(), failed: Type.Integer() }),
  metadata: Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()]),
});

/** `/v1/batches`: OpenAI's shape; many chat completions from one file, answered when there is time. */
export const batchRoutes: FastifyPluginAsyncTypebox<{ batches: Batches }> = async (app, { batches }) => {
  app.post(
    "/batches",
    { config, schema: { tags, summary: "Toplu iş başlat", body: NewBatchBody, response: { 200: BatchReply } } },
    async ({ caller, body }) => {
      const { keyId, userId, sectors } = caller;
      const batch = await batches.create(
        { keyId, userId, sectors },
        {
          inputFileId: body.input_file_id,
          endpoint: body.endpoint,
          completionWindow: body.completion_window,
          metadata: body.metadata ?? null,
        },
      );
      return renderBatch(batch);
    },
  );

  app.get(
    "/batches",
    {
      config,
      schema: {
        tags,
        summary: "Anahtarın toplu işleri, en yenisi önce",
        querystring: Type.Object({
          after: Type.Optional(Type.String({ maxLength: 64 })),
          limit: Type.Optional(Type.String({ pattern: "^([1-9]\\d?|100)$", default: "20" })),
        }),
      },
    },
    async ({ caller, query: { after, limit = "20" } }) => {
      const page = { limit: Number(limit), ...(after === undefined ? {} : { after }) };
      const { batches: found, hasMore } = await batches.list(caller.keyId, page);
      return renderPage(found.map(renderBatch), hasMore);
    },
  );

  app.get(
    "/batches/:id",
    { config, schema: { tags, summary: "Bir toplu iş", params: Params, response: { 200: BatchReply } } },
    async ({ caller, params }) => renderBatch(await batches.get(params.id, caller.keyId)),
  );

  app.post(
    "/batches/:id/cancel",
    { config, schema: { tags, summary: "Toplu işi iptal et", params: Params, response: { 200: BatchReply } } },
    async ({ caller, params }) => renderBatch(await batches.cancel(params.id, caller.keyId)),
  );
};

function renderBatch(batch: Batch): Static<typeof BatchReply> {
  const { times, errors, outputFileId, errorFileId } = batch;
  const reached = Object.entries(times).filter(([status]) => status !== "validating");
  return {
    id: batch.id,
    object: "batch",
    endpoint: batch.endpoint,
    ...(errors === null ? {} : { errors: { object: "list", data: [...errors] } }),
    input_file_id: batch.inputFileId,
    completion_window: batch.completionWindow,
    status: batch.status,
    ...(outputFileId === null ? {} : { output_file_id: outputFileId }),
    ...(errorFileId === null ? {} : { error_file_id: errorFileId }),
    created_at: times.validating ?? 0,
    expires_at: unixSeconds(batch.expiresAt),
    ...Object.fromEntries(reached.map(([status, seconds]) => [`${status}_at`, seconds])),
    request_counts: { total: batch.total, completed: batch.completed, failed: batch.failed },
    metadata: batch.metadata,
  };
}
