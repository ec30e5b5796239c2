import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { pageType } from "./page-type.ts";

/** A page and what belongs to it, read once. It has no data of its own: what it shows it asks the API for, with the key it is given. */
export const folderPage: FastifyPluginAsyncTypebox<{ path: `/${string}`; folder: string }> = async (
  app,
  { path, folder },
) => {
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), "utf8");
    app.get(
      file === "index.html" ? path : `${path}/${file}`,
      { config: { scope: "open" }, schema: { hide: true } },
      async (_request, reply) => reply.header("cache-control", "no-cache").type(pageType(file)).send(text),
    );
  }
};
