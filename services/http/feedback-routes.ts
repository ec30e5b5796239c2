import { Readable } from "node:stream";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { type FeedbackStore, renderCsv, renderMarkdown, type TrainingPair } from "../feedback/index.ts";
import type { Sectors } from "../settings/index.ts";
import {
  FeedbackReply,
  FeedbackRequest,
  FilterQuery,
  feedbackOf,
  filterOf,
  PageQuery,
  pageOf,
  renderFeedback,
} from "./feedback-shapes.ts";

export interface FeedbackRouteParts {
  readonly feedback: FeedbackStore;
  readonly sectors: Sectors;
}

/** `/v1/feedback`: giving it is everybody's, reading it the administrator's. */
export const feedbackRoutes: FastifyPluginAsyncTypebox<FeedbackRouteParts> = async (app, { feedback, sectors }) => {
  app.post(
    "/feedback",
    {
      config: { scope: "feedback" },
      schema: {
        tags: ["feedback"],
        summary: "Geri bildirim ver (201: kalıcı olarak saklandı)",
        headers: Type.Object({
          "idempotency-key": Type.Optional(
            Type.String({ minLength: 1, maxLength: 200, description: "Aynı anahtar bir kez sayılır. Counted once." }),
          ),
        }),
        body: FeedbackRequest,
        response: { 201: FeedbackReply },
      },
    },
    async (request, reply) => {
      const { userId, keyId: owner } = request.caller;
      const { "idempotency-key": key } = request.headers;
      // A key that belongs to a user speaks for that user, whatever the request says.
      const given = { ...feedbackOf(request.body, sectors), ...(userId === null ? {} : { userId }) };
      const { id, at, isNew } = await feedback.add(given, key === undefined ? undefined : { text: key, owner });
      if (!isNew) reply.header("idempotent-replayed", "true");
      return reply.code(201).send({ id, object: "feedback", created_at: at });
    },
  );

  app.get(
    "/feedback",
    {
      config: { scope: "admin" },
      schema: {
        tags: ["feedback"],
        summary: "Geri bildirimler, en yenisi önce (yönetici)",
        querystring: Type.Intersect([FilterQuery, PageQuery]),
      },
    },
    async (request) => {
      const { items, next } = await feedback.list(filterOf(request.query), pageOf(request.query));
      return { object: "list", data: items.map(renderFeedback), next };
    },
  );

  app.get(
    "/feedback/report",
    {
      config: { scope: "admin" },
      schema: {
        tags: ["feedback"],
        summary: "Geri bildirim raporu (yönetici)",
        querystring: Type.Intersect([
          FilterQuery,
          Type.Object({ format: Type.Optional(Type.Enum(["json", "markdown", "csv"], { default: "json" })) }),
        ]),
      },
    },
    async (request, reply) => {
      const report = await feedback.report(filterOf(request.query));
      const { format = "json" } = request.query;
      if (format === "markdown") return reply.type("text/markdown; charset=utf-8").send(renderMarkdown(report));
      if (format === "csv") {
        reply.header("content-disposition", 'attachment; filename="geri-bildirim.csv"');
        return reply.type("text/csv; charset=utf-8").send(renderCsv(report));
      }
      const { generatedAt: generated_at, ...rest } = report;
      return { object: "feedback_report", generated_at, ...rest };
    },
  );

  app.get(
    "/feedback/export",
    {
      config: { scope: "admin" },
      schema: {
        tags: ["feedback"],
        summary: "Eğitim çiftleri, JSONL (yönetici)",
        querystring: Type.Intersect([
          FilterQuery,
          Type.Object({ format: Type.Optional(Type.Literal("jsonl", { default: "jsonl" })) }),
        ]),
      },
    },
    async (request, reply) => {
      const lines = jsonLines(feedback.trainingPairs({ minRating: 4, ...filterOf(request.query) }));
      // The first bite is awaited, so that a database that is away gets its status code.
      const first = await lines.next();
      reply.header("content-disposition", 'attachment; filename="egitim-ciftleri.jsonl"');
      return reply
        .type("application/x-ndjson; charset=utf-8")
        .send(first.done === true ? "" : Readable.from(beginningWith(first.value, lines)));
    },
  );
};

async function* jsonLines(pairs: AsyncIterable<TrainingPair>): AsyncGenerator<string> {
  for await (const pair of pairs) yield `${JSON.stringify(pair)}\n`;
}

async function* beginningWith<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
