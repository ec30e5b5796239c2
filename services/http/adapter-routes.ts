import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Engine } from "../inference/index.ts";

/** `GET /v1/adapters`: every adapter with its file, base fingerprint and state. */
export const adapterRoutes: FastifyPluginAsyncTypebox<{ engine: Engine }> = async (app, { engine }) => {
  app.get(
    "/adapters",
    { config: { scope: "any" }, schema: { tags: ["adapters"], summary: "Adaptörler ve durumları" } },
    async () => {
      const { base, adapters } = await engine.status();
      return {
        object: "list",
        base: { id: base.id, sha256: base.sha256 },
        data: adapters.map((adapter) => ({
          id: adapter.id,
          name: adapter.name,
          version: adapter.version,
          sector: adapter.sector,
          file: adapter.file,
          sha256: adapter.sha256,
          bytes: adapter.bytes,
          rank: adapter.rank,
          alpha: adapter.alpha,
          base_sha256: adapter.baseSha256,
          resident: adapter.resident,
          pinned: adapter.pinned,
          references: adapter.references,
          last_used_at: adapter.lastUsedAt,
          hits: adapter.hits,
          load_ms: adapter.loadMs,
        })),
      };
    },
  );
};

/** `GET /lora-adapters`, as llama-server lists them. */
export const llamaServerAdapterRoutes: FastifyPluginAsyncTypebox<{ engine: Engine }> = async (app, { engine }) => {
  app.get(
    "/lora-adapters",
    { config: { scope: "any" }, schema: { tags: ["adapters"], summary: "llama-server biçiminde adaptörler" } },
    async () => {
      const { adapters } = await engine.status();
      return adapters.map((adapter, id) => ({ id, path: adapter.file, scale: adapter.resident ? 1 : 0 }));
    },
  );
};
