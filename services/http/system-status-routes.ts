import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Engine } from "../inference/index.ts";
import type { Sectors } from "../settings/index.ts";

export interface SystemStatusParts {
  readonly engine: Engine;
  readonly sectors: Sectors;
  readonly toolCount: number;
}

/** `GET /api/v1/chat/system/status`: the platform at a glance, in Turkish field names. */
export const systemStatusRoutes: FastifyPluginAsyncTypebox<SystemStatusParts> = async (
  app,
  { engine, sectors, toolCount },
) => {
  app.get(
    "/api/v1/chat/system/status",
    { config: { scope: "any" }, schema: { tags: ["chat"], summary: "Sistem durumu" } },
    async () => {
      const { ready, base, adapters, capacity, memory } = await engine.status();
      return {
        success: true,
        data: {
          model_hizmeti: {
            model_adi: base.id,
            model_loaded: ready,
            quantization: base.quantization,
            context_size: base.contextSize,
            mimari: base.architecture,
            parametre_sayisi: base.parameters,
          },
          arac_sayisi: toolCount,
          sektor_sayisi: sectors.all.length,
          adaptorler: adapters.map(({ id, name, version, sector, resident, references, hits }) => ({
            id,
            ad: name,
            surum: version,
            sektor: sector,
            bellekte: resident,
            kullanim: references,
            istek_sayisi: hits,
          })),
          kapasite: { etkin: capacity.active, bekleyen: capacity.queued, toplam: capacity.total },
          bellek: {
            model_bayt: memory.residentBytes,
            baglam_sayisi: memory.contexts,
            baglam_bayt: memory.contextBytes,
          },
        },
      };
    },
  );
};
