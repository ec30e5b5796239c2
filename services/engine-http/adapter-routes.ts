import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { LoadAdapterRequest, UnloadAdapterRequest } from "../dialect/index.ts";
import type { Engine } from "../inference/index.ts";

/** vLLM's dynamic adapter loading, with its statuses and texts. */
export const adapterRoutes: FastifyPluginAsyncTypebox<{ engine: Engine }> = async (app, { engine }) => {
  app.post("/v1/load_lora_adapter", { schema: { body: LoadAdapterRequest } }, async (request, reply) => {
    const { lora_name: name, lora_path: path, load_inplace: loadInPlace = false } = request.body;
    await engine.loadAdapter({ name, path, loadInPlace });
    return reply.type("text/plain").send(`Success: LoRA adapter '${name}' added successfully.`);
  });

  app.post("/v1/unload_lora_adapter", { schema: { body: UnloadAdapterRequest } }, async (request, reply) => {
    const { lora_name: name } = request.body;
    await engine.unloadAdapter(name);
    return reply.type("text/plain").send(`Success: LoRA adapter '${name}' removed successfully.`);
  });
};
