import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { type AdapterDirectory, UnknownModelError } from "../conversation/index.ts";
import type { AdapterStatus, EngineStatus } from "../inference/index.ts";

export interface ModelRouteParts {
  readonly adapters: AdapterDirectory;
  /** configs/model_config.json, as it is. */
  readonly modelConfig: Readonly<Record<string, unknown>>;
  /** Unix seconds: when this gateway started. */
  readonly startedAt: number;
}

/** `GET /v1/models`, `GET /v1/models/:id`: the base, `auto`, and every adapter with its parent and state. */
export const modelRoutes: FastifyPluginAsyncTypebox<ModelRouteParts> = async (
  app,
  { adapters, modelConfig, startedAt },
) => {
  const list = async () => {
    const status = await adapters.status();
    return [
      renderAuto(status, startedAt),
      renderBase(status, startedAt),
      ...status.adapters.map((adapter) => renderAdapter(adapter, status, startedAt)),
    ];
  };

  app.get(
    "/models",
    { config: { scope: "any" }, schema: { tags: ["openai"], summary: "Modeller ve adaptörler" } },
    async () => ({
      object: "list",
      data: await list(),
    }),
  );

  app.get(
    "/models/:id",
    {
      config: { scope: "any" },
      schema: { tags: ["openai"], summary: "Bir model", params: Type.Object({ id: Type.String() }) },
    },
    async (request) => {
      const { id } = request.params;
      const found = (await list()).find((model) => model.id === id);
      if (found !== undefined)
        return "parent" in found && found.parent === null && id !== "auto" ? { ...found, ...modelConfig } : found;
      const adapter = await adapters.byId(id);
      if (adapter === undefined) throw new UnknownModelError(id);
      return (await list()).find((model) => model.id === adapter.id);
    },
  );
};

function renderAuto({ base }: EngineStatus, created: number) {
  return {
    id: "auto",
    object: "model" as const,
    created,
    owned_by: "sektor",
    parent: base.id,
    sector: null,
    version: null,
    resident: true,
  };
}

function renderBase({ base }: EngineStatus, created: number) {
  return {
    id: base.id,
    object: "model" as const,
    created,
    owned_by: "sektor",
    parent: null,
    sector: null,
    version: null,
    resident: true,
  };
}

function renderAdapter(adapter: AdapterStatus, { base }: EngineStatus, created: number) {
  return {
    id: adapter.id,
    object: "model" as const,
    created,
    owned_by: "sektor",
    parent: base.id,
    root: adapter.file,
    sector: adapter.sector,
    version: adapter.version,
    resident: adapter.resident,
  };
}
