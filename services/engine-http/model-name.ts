import type { Engine } from "../inference/index.ts";

/** The `model` of a request → adapter id, or undefined for the base. */
export async function adapterOf(engine: Engine, model: string | undefined): Promise<string | undefined> {
  if (model === undefined || model === "") return undefined;
  const { base } = await engine.status();
  return model === base.id ? undefined : model;
}
