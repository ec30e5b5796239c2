import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { clientSignal } from "../http-kit/index.ts";
import { SectorNotFoundError, type SectorRegistry } from "../routing/index.ts";
import {
  MoreExamplesRequest,
  NewSectorRequest,
  newSectorOf,
  renderSector,
  SectorParams,
  SectorReply,
  textsOf,
  WaitQuery,
} from "./run-time-sector-shapes.ts";

export interface RunTimeSectorParts {
  readonly registry: SectorRegistry;
  /** Longest that `wait=true` waits; the training goes on without it. */
  readonly replyTimeoutMs: number;
}

/** Two thousand examples of a thousand letters, two bytes each, and the JSON around them. */
const bodyLimit = 8 * 1024 * 1024;
const tags = ["sectors"];

/** `POST /sectors`, `GET` and `DELETE /sectors/:id`, `POST /sectors/:id/examples`: sectors that come and go while the gateway runs. */
export const runTimeSectorRoutes: FastifyPluginAsyncTypebox<RunTimeSectorParts> = async (
  app,
  { registry, replyTimeoutMs },
) => {
  app.post(
    "/sectors",
    {
      bodyLimit,
      config: { scope: "admin" },
      schema: {
        tags,
        summary: "Örneklerle yeni sektör ekle",
        querystring: WaitQuery,
        body: NewSectorRequest,
        response: { 201: SectorReply, 202: SectorReply },
      },
    },
    async (request, reply) => {
      const { force = false } = request.body;
      const started = registry.add(newSectorOf(request.body), { force });
      const { id } = started.sector;
      reply.header("location", `/v1/sectors/${id}`);
      if (request.query.wait !== "true") return reply.code(202).send(renderSector(started));
      const live = await registry.settled(id, clientSignal(reply, replyTimeoutMs));
      return reply.code(201).send(renderSector(live));
    },
  );

  app.get(
    "/sectors/:id",
    {
      config: { scope: "any" },
      schema: { tags, summary: "Bir sektör ve eğitimi", params: SectorParams, response: { 200: SectorReply } },
    },
    async (request) => {
      const state = registry.describe(request.params.id);
      if (state === undefined) throw new SectorNotFoundError(request.params.id);
      return renderSector(state);
    },
  );

  app.post(
    "/sectors/:id/examples",
    {
      bodyLimit,
      config: { scope: "admin" },
      schema: {
        tags,
        summary: "Sektöre örnek ekle",
        params: SectorParams,
        querystring: WaitQuery,
        body: MoreExamplesRequest,
        response: { 200: SectorReply, 202: SectorReply },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { examples, force = false } = request.body;
      const started = registry.addExamples(id, textsOf(examples), { force });
      if (request.query.wait !== "true") return reply.code(202).send(renderSector(started));
      return reply.code(200).send(renderSector(await registry.settled(id, clientSignal(reply, replyTimeoutMs))));
    },
  );

  app.delete(
    "/sectors/:id",
    {
      config: { scope: "admin" },
      schema: {
        tags,
        summary: "Çalışırken eklenen sektörü sil",
        params: SectorParams,
        response: {
          200: Type.Object({ id: Type.String(), object: Type.Literal("sector.deleted"), deleted: Type.Literal(true) }),
        },
      },
    },
    async (request) => {
      const { id } = request.params;
      await registry.remove(id);
      return { id, object: "sector.deleted" as const, deleted: true as const };
    },
  );
};
