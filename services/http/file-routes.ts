import { Readable } from "node:stream";
import multipart from "@fastify/multipart";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { type BatchFile, type BatchFiles, FileRefusedError } from "../batch/index.ts";
import { FileReply, renderFile, renderPage, uploadFactsOf } from "./file-shapes.ts";

export interface FileRouteParts {
  readonly files: BatchFiles;
  readonly maxFileBytes: number;
}

const config = { scope: "chat" } as const;
const tags = ["files"];
const Params = Type.Object({ id: Type.String() });
/** What a form adds around its file. */
const formBytes = 65_536;
const jsonLines = ["application/jsonl", "application/x-ndjson", "application/x-jsonlines", "application/octet-stream"];

/** `/v1/files`: OpenAI's shape, for files of JSON lines that a batch works on. */
export const fileRoutes: FastifyPluginAsyncTypebox<FileRouteParts> = async (app, { files, maxFileBytes }) => {
  await app.register(multipart, {
    throwFileSizeLimit: false,
    limits: { fields: 8, fieldSize: 1024, fileSize: maxFileBytes + 1, files: 1, parts: 9, headerPairs: 32 },
  });
  // As it comes: nothing of a file is held in memory.
  app.addContentTypeParser(jsonLines, (_request, payload, done) => done(null, payload));

  app.post(
    "/files",
    {
      config,
      bodyLimit: maxFileBytes + formBytes,
      schema: {
        tags,
        summary: "Toplu iş dosyası yükle (form ya da JSONL gövde)",
        consumes: ["multipart/form-data", "application/jsonl"],
        querystring: Type.Object({
          purpose: Type.Optional(Type.String({ maxLength: 64 })),
          filename: Type.Optional(Type.String({ maxLength: 255 })),
        }),
        response: { 200: FileReply },
      },
    },
    async (request) => {
      const { caller, query } = request;
      if (request.isMultipart()) return renderFile(await upload(request, files));
      const facts = uploadFactsOf(new Map(Object.entries(query)));
      if (!(request.body instanceof Readable)) throw noFile();
      const id = await files.receive(caller.keyId, request.body);
      return renderFile(await files.keep(id, { filename: query.filename ?? "batch.jsonl", ...facts }));
    },
  );

  app.get(
    "/files",
    {
      config,
      schema: {
        tags,
        summary: "Anahtarın dosyaları",
        querystring: Type.Object({
          purpose: Type.Optional(Type.Enum(["batch", "batch_output"])),
          after: Type.Optional(Type.String({ maxLength: 64 })),
          limit: Type.Optional(Type.String({ pattern: "^([1-9]\\d{0,3}|10000)$", default: "1000" })),
          order: Type.Optional(Type.Enum(["asc", "desc"], { default: "desc" })),
        }),
      },
    },
    async ({ caller, query }) => {
      const { purpose, after, limit = "1000", order = "desc" } = query;
      const page = {
        limit: Number(limit),
        order,
        ...(purpose === undefined ? {} : { purpose }),
        ...(after === undefined ? {} : { after }),
      };
      const { files: found, hasMore } = await files.list(caller.keyId, page);
      return renderPage(found.map(renderFile), hasMore);
    },
  );

  app.get(
    "/files/:id",
    { config, schema: { tags, summary: "Bir dosya", params: Params, response: { 200: FileReply } } },
    async ({ caller, params }) => renderFile(await files.get(params.id, caller.keyId)),
  );

  app.get(
    "/files/:id/content",
    { config, schema: { tags, summary: "Dosyanın içeriği", params: Params } },
    async ({ caller, params }, reply) => {
      const { filename, bytes } = await files.get(params.id, caller.keyId);
      reply.header("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`);
      reply.header("content-length", bytes);
      return reply.type("application/octet-stream").send(Readable.from(files.content(params.id, caller.keyId)));
    },
  );

  app.delete(
    "/files/:id",
    { config, schema: { tags, summary: "Dosyayı sil", params: Params } },
    async ({ caller, params }) => {
      await files.delete(params.id, caller.keyId);
      return { id: params.id, object: "file", deleted: true };
    },
  );
};

/** The form's fields may come behind its file, so the file is taken in first and kept when they are known. */
async function upload(request: FastifyRequest, files: BatchFiles): Promise<BatchFile> {
  const fields = new Map<string, string>();
  let received: { readonly id: string; readonly filename: string } | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === "field") fields.set(part.fieldname, String(part.value));
      else received = { id: await files.receive(request.caller.keyId, part.file), filename: part.filename };
    }
    const facts = uploadFactsOf(fields);
    if (received === undefined) throw noFile();
    return await files.keep(received.id, { filename: received.filename, ...facts });
  } catch (failure) {
    if (received !== undefined) await files.discard(received.id);
    throw failure;
  }
}

function noFile(): FileRefusedError {
  return new FileRefusedError("there is none", "dosya yok");
}
