import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { FeedbackRouteParts } from "./feedback-routes.ts";
import { assertSector, PageQuery, pageOf, renderExample } from "./feedback-shapes.ts";

const config = { scope: "admin" } as const;
const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });

/** `/v1/feedback/routing-examples`: messages that went to the wrong sector, as their users say, to be accepted or rejected. */
export const routingExampleRoutes: FastifyPluginAsyncTypebox<FeedbackRouteParts> = async (
  app,
  { feedback, sectors },
) => {
  app.get(
    "/feedback/routing-examples",
    {
      config,
      schema: {
        tags: ["feedback"],
        summary: "İncelenecek yönlendirme örnekleri (yönetici)",
        querystring: Type.Intersect([
          PageQuery,
          Type.Object({
            status: Type.Optional(Type.Enum(["pending", "accepted", "rejected"], { default: "pending" })),
          }),
        ]),
      },
    },
    async (request) => {
      const { items, next } = await feedback.routingExamples(request.query.status ?? "pending", pageOf(request.query));
      return { object: "list", data: items.map(renderExample), next };
    },
  );

  app.post(
    "/feedback/routing-examples/:id/accept",
    {
      config,
      schema: {
        tags: ["feedback"],
        summary: "Örneği kabul et (yönetici)",
        params: Params,
        body: Type.Object({
          text: Type.Optional(Type.String({ minLength: 1, maxLength: 8000 })),
          sector: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        }),
      },
    },
    async (request) => {
      const { sector } = request.body;
      if (sector !== undefined) assertSector(sector, sectors);
      return renderExample(await feedback.acceptExample(request.params.id, request.body));
    },
  );

  app.post(
    "/feedback/routing-examples/:id/reject",
    { config, schema: { tags: ["feedback"], summary: "Örneği reddet (yönetici)", params: Params } },
    async (request) => renderExample(await feedback.rejectExample(request.params.id)),
  );
};
