import { AdapterNotFoundError, UnsupportedFeatureError } from "../../inference/index.ts";
import { parseList, parseObject } from "../json.ts";
import { loadRefused, unloadRefused } from "./adapter-loading.ts";
import { choiceGrammar } from "./choice-grammar.ts";
import type { DialectContext, EngineDialect } from "./engine-dialect.ts";
import { findAdapter } from "./find-adapter.ts";
import { foreignStatus } from "./foreign-status.ts";
import { modelList } from "./openai-models.ts";
import { embedText } from "./openai-vectors.ts";

/**
 * SGLang: `model` is "base:adapter", or `lora_path` names the adapter beside it.
 * docs.sglang.io/docs/advanced_features/{lora,structured_outputs}; examples/runtime/lora.py
 */
export function sglangDialect({ connection, nowMs }: DialectContext): EngineDialect {
  const models = modelList(connection, nowMs);
  return {
    shortensPrompts: false,
    sendsStopStrings: false,
    cutsRawText: true,
    hangsUpAfterStreams: false,
    adapterFields: async (adapterId) => {
      const { baseServedAs, adapters } = await models.get();
      if (adapterId === undefined) return { model: baseServedAs };
      if (adapterId === "") throw new AdapterNotFoundError(adapterId);
      const servedAs = findAdapter(adapters, adapterId)?.servedAs ?? adapterId;
      // The model name is split at its first colon: with one in the base's name the older form is the safe one.
      return baseServedAs.includes(":")
        ? { model: baseServedAs, lora_path: servedAs }
        : { model: `${baseServedAs}:${servedAs}` };
    },
    translate: async ({ structured_outputs: _, ...body }, { sampling = {}, responseFormat }) => ({
      ...body,
      ...(responseFormat?.type === "choice" ? { ebnf: choiceGrammar(responseFormat.choices) } : {}),
      // 0 is refused; so little leaves only the most probable token, which is what 0 means.
      top_p: Math.max(sampling.topP ?? 1, 1e-6),
      // −1 is SGLang's word for "off".
      top_k: sampling.topK === undefined || sampling.topK === 0 ? -1 : sampling.topK,
      min_p: sampling.minP ?? 0,
      repetition_penalty: sampling.repeatPenalty ?? 1,
    }),
    status: async (active, total) => {
      models.forget();
      const { base, adapters } = await models.get();
      return foreignStatus(base, adapters, { active, total });
    },
    tokenize: async (text, { addSpecial = false, withPieces = false }) => {
      if (withPieces) throw new UnsupportedFeatureError("The text of single tokens", "with_pieces");
      const { baseServedAs } = await models.get();
      const reply = parseObject(
        await connection.call("POST", "/tokenize", {
          model: baseServedAs,
          prompt: text,
          add_special_tokens: addSpecial,
        }),
      );
      return { tokens: parseList(reply["tokens"]).map(Number) };
    },
    embed: async (text, signal) => embedText(connection, { model: (await models.get()).baseServedAs }, text, signal),
    loadAdapter: async ({ name, path, loadInPlace = false }) => {
      if (loadInPlace) throw new UnsupportedFeatureError("Replacing a loaded adapter", "load_inplace");
      await connection
        .call("POST", "/load_lora_adapter", { lora_name: name, lora_path: path })
        .catch(loadRefused(name));
      models.forget();
    },
    unloadAdapter: async (name) => {
      const { adapters } = await models.get();
      const servedAs = findAdapter(adapters, name)?.servedAs ?? name;
      await connection.call("POST", "/unload_lora_adapter", { lora_name: servedAs }).catch(unloadRefused(name));
      models.forget();
    },
    explain: () => undefined,
    forget: () => models.forget(),
  };
}
