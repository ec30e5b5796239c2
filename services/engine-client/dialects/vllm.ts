import { randomUUID } from "node:crypto";
import { AdapterNotFoundError } from "../../inference/index.ts";
import { parseList, parseObject } from "../json.ts";
import { loadRefused, unloadRefused } from "./adapter-loading.ts";
import type { DialectContext, EngineDialect } from "./engine-dialect.ts";
import { findAdapter } from "./find-adapter.ts";
import { foreignStatus } from "./foreign-status.ts";
import { modelList } from "./openai-models.ts";
import { embedText } from "./openai-vectors.ts";

/**
 * vLLM: `model` is the name an adapter was loaded by; dynamic loading needs VLLM_ALLOW_RUNTIME_LORA_UPDATING.
 * docs.vllm.ai/en/latest/features/{lora,structured_outputs}; vllm/entrypoints/openai/models/serving.py
 */
export function vllmDialect({ connection, nowMs }: DialectContext): EngineDialect {
  const models = modelList(connection, nowMs);
  return {
    shortensPrompts: false,
    sendsStopStrings: false,
    cutsRawText: true,
    hangsUpAfterStreams: false,
    adapterFields: async (adapterId) => {
      const { baseServedAs, adapters } = await models.get();
      if (adapterId === undefined) return { model: baseServedAs };
      // The base's name in an adapter's place would be served, silently without any adapter.
      if (adapterId === "" || adapterId === baseServedAs) throw new AdapterNotFoundError(adapterId);
      // A name that is not listed may still be found by a resolver of its own: vLLM has the last word.
      return { model: findAdapter(adapters, adapterId)?.servedAs ?? adapterId };
    },
    translate: async (body, { sampling = {}, reusePrefix }) => ({
      ...body,
      // 0 is refused; so little leaves only the most probable token, which is what 0 means.
      top_p: Math.max(sampling.topP ?? 1, 1e-6),
      top_k: sampling.topK ?? 0,
      min_p: sampling.minP ?? 0,
      repetition_penalty: sampling.repeatPenalty ?? 1,
      // A salt nobody else has keeps the prefix cache out of it.
      ...(reusePrefix === false ? { cache_salt: randomUUID() } : {}),
    }),
    status: async (active, total) => {
      models.forget();
      const { base, adapters } = await models.get();
      return foreignStatus(base, adapters, { active, total });
    },
    tokenize: async (text, { addSpecial = false, withPieces = false }) => {
      const { baseServedAs } = await models.get();
      const body = { model: baseServedAs, prompt: text, add_special_tokens: addSpecial, return_token_strs: withPieces };
      const reply = parseObject(await connection.call("POST", "/tokenize", body));
      const tokens = parseList(reply["tokens"]).map(Number);
      return withPieces ? { tokens, pieces: parseList(reply["token_strs"]).map(String) } : { tokens };
    },
    embed: async (text, signal) => embedText(connection, { model: (await models.get()).baseServedAs }, text, signal),
    loadAdapter: async ({ name, path, loadInPlace = false }) => {
      await connection
        .call("POST", "/v1/load_lora_adapter", {
          lora_name: name,
          lora_path: path,
          ...(loadInPlace ? { load_inplace: true } : {}),
        })
        .catch(loadRefused(name));
      models.forget();
    },
    unloadAdapter: async (name) => {
      const { adapters } = await models.get();
      const servedAs = findAdapter(adapters, name)?.servedAs ?? name;
      await connection.call("POST", "/v1/unload_lora_adapter", { lora_name: servedAs }).catch(unloadRefused(name));
      models.forget();
    },
    explain: () => undefined,
    forget: () => models.forget(),
  };
}
