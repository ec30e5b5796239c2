import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { AdapterDirectory } from "../conversation/index.ts";
import type { Router } from "../routing/index.ts";
import type { Sectors } from "../settings/index.ts";

export interface SectorParts {
  readonly sectors: Sectors;
  readonly router: Pick<Router, "thresholdOf">;
  readonly adapters: AdapterDirectory;
}

/** `GET /sectors`: the sectors with their names, thresholds and the adapter that serves each now. */
export const sectorRoutes: FastifyPluginAsyncTypebox<SectorParts> = async (app, { sectors, router, adapters }) => {
  app.get("/sectors", { config: { scope: "any" }, schema: { tags: ["routing"], summary: "Sektörler" } }, async () => ({
    object: "list",
    data: await Promise.all(
      sectors.all.map(async ({ id, name, threshold }) => {
        const adapter = await adapters.forSector(id);
        return {
          id,
          name,
          threshold: threshold ?? router.thresholdOf?.(id) ?? null,
          adapter: adapter === null ? null : { name: adapter.name, version: adapter.version },
        };
      }),
    ),
  }));
};
