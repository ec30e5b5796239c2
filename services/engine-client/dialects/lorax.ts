import { AdapterNotFoundError, UnsupportedFeatureError } from "../../inference/index.ts";
import { numberAt, parseList, parseObject, textAt } from "../json.ts";
import type { DialectContext, EngineDialect } from "./engine-dialect.ts";
import { foreignStatus, publicName } from "./foreign-status.ts";
import { Remembered } from "./remembered.ts";

const infoForMs = 30_000;

/**
 * LoRAX: `model` is the adapter's id, "" the base; adapters are fetched when first asked for, so none can be listed.
 * loraexchange.ai, "OpenAI Compatible API"; predibase/lorax, router/src/{lib,server}.rs
 */
export function loraxDialect({ connection, nowMs }: DialectContext): EngineDialect {
  const info = new Remembered(async () => parseObject(await connection.call("GET", "/info")), infoForMs, nowMs);
  return {
    shortensPrompts: false,
    sendsStopStrings: true,
    cutsRawText: true,
    hangsUpAfterStreams: false,
    adapterFields: async (adapterId) => {
      if (adapterId === undefined) return { model: "" };
      if (adapterId === "" || adapterId === textAt(await info.get(), "model_id"))
        throw new AdapterNotFoundError(adapterId);
      return { model: adapterId };
    },
    translate: async (body, request) => {
      if ("tools" in body) throw new UnsupportedFeatureError("Tool calling", "tools");
      if (request.responseFormat?.type === "choice")
        throw new UnsupportedFeatureError("Holding a reply to given texts", "structured_outputs");
      if (request.topLogprobs !== undefined) throw new UnsupportedFeatureError("Log-probabilities", "logprobs");
      const { sampling = {} } = request;
      const { stream_options: _, ...known } = body;
      return {
        ...known,
        // Its validation wants the open interval: values that mean "off" are left out.
        ...(sampling.topP === undefined || sampling.topP >= 1 ? {} : { top_p: Math.max(sampling.topP, 1e-6) }),
        ...(sampling.topK === undefined || sampling.topK === 0 ? {} : { top_k: sampling.topK }),
        ...(sampling.repeatPenalty === undefined ? {} : { repetition_penalty: sampling.repeatPenalty }),
      };
    },
    status: async (active, total) => {
      info.forget();
      const facts = await info.get();
      const limit = numberAt(facts, "max_concurrent_requests");
      const base = {
        id: publicName(textAt(facts, "model_id") ?? "lorax"),
        contextSize: numberAt(facts, "max_total_tokens") ?? 0,
      };
      const capacity = { active, total: Math.min(total, limit ?? total) };
      return { ...foreignStatus(base, [], capacity), fetchesAdapters: true };
    },
    tokenize: async (text, { addSpecial = false, withPieces = false }) => {
      const listed = parseList(
        await connection.call("POST", "/tokenize", { inputs: text, add_special_tokens: addSpecial }),
      ).map(parseObject);
      const tokens = listed.map((token) => numberAt(token, "id") ?? 0);
      return withPieces ? { tokens, pieces: listed.map((token) => textAt(token, "text") ?? "") } : { tokens };
    },
    embed: async () => unsupported("Embeddings", "input"),
    loadAdapter: async () => unsupported("Loading adapters", "lora_name"),
    unloadAdapter: async () => unsupported("Unloading adapters", "lora_name"),
    explain: ({ status, message }, adapterId) =>
      // A generation that fails because its adapter could not be fetched comes as 424 with the loader's words.
      adapterId !== undefined && status === 424 && /adapter|lora|repository|download/i.test(message)
        ? new AdapterNotFoundError(adapterId)
        : undefined,
    forget: () => info.forget(),
  };
}

function unsupported(feature: string, param: string): never {
  throw new UnsupportedFeatureError(feature, param);
}
