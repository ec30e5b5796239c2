import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { pageType } from "./page-type.ts";

/** `/jobs`: the administrators' page, without data of its own: what it shows it asks `/v1/jobs` for, with the key it is given. */
export const jobPage: FastifyPluginAsyncTypebox<{ folder: string }> = async (app, { folder }) => {
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), "utf8");
    app.get(
      file === "index.html" ? "/jobs" : `/jobs/${file}`,
      { config: { scope: "open" }, schema: { hide: true } },
      async (_request, reply) => reply.header("cache-control", "no-cache").type(pageType(file)).send(text),
    );
  }
};
