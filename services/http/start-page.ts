import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { PlatformError } from "../foundation/index.ts";
import { pageType } from "./page-type.ts";

/** `/` and `/static/:name`: the start page, read once; `/errors`: the list of errors with their cures. */
export const startPage: FastifyPluginAsyncTypebox<{ folder: string; errorsDocument: string }> = async (
  app,
  { folder, errorsDocument },
) => {
  const pages = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
  const errors = readFileSync(errorsDocument, "utf8");

  app.get("/", { config: { scope: "open" }, schema: { hide: true } }, async (_request, reply) =>
    reply.type("text/html; charset=utf-8").send(pages.get("index.html")),
  );

  app.get(
    "/static/:name",
    { config: { scope: "open" }, schema: { hide: true, params: Type.Object({ name: Type.String() }) } },
    async (request, reply) => {
      const { name } = request.params;
      const page = pages.get(name);
      if (page === undefined) {
        throw new PlatformError({
          code: "not_found",
          status: 404,
          message: "There is nothing at this address.",
          messageTr: "Bu adreste bir şey yok.",
        });
      }
      return reply.header("cache-control", "no-cache").type(pageType(name)).send(page);
    },
  );

  app.get("/errors", { config: { scope: "open" }, schema: { hide: true } }, async (_request, reply) =>
    reply.type("text/markdown; charset=utf-8").send(errors),
  );
};
