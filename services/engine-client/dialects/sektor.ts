import { InvalidRequestError } from "../../foundation/index.ts";
import {
  AdapterNotFoundError,
  AdapterRejectedError,
  type AdapterRejection,
  EngineMemoryError,
  EngineRefusedError,
  EngineSaturatedError,
  type EngineStatus,
  EngineUnavailableError,
  UnsupportedFeatureError,
} from "../../inference/index.ts";
import { EngineFailedError } from "../errors.ts";
import { parseObject } from "../json.ts";
import { overflowError } from "../refusal.ts";
import type { RefusalFacts } from "../refusal-facts.ts";
import type { DialectContext, EngineDialect } from "./engine-dialect.ts";
import { llamaTokens } from "./llama-tokens.ts";
import { embedText } from "./openai-vectors.ts";

/** Our own `infer`: `model` names the adapter, and every error comes back as it was thrown. */
export function sektorDialect({ connection }: DialectContext): EngineDialect {
  return {
    shortensPrompts: true,
    sendsStopStrings: false,
    cutsRawText: true,
    hangsUpAfterStreams: false,
    adapterFields: async (adapterId) => {
      if (adapterId === "") throw new AdapterNotFoundError(adapterId);
      return adapterId === undefined ? {} : { model: adapterId };
    },
    translate: async (body, { sampling = {}, overflow, reusePrefix }) => ({
      ...body,
      ...(sampling.topP === undefined ? {} : { top_p: sampling.topP }),
      ...(sampling.topK === undefined ? {} : { top_k: sampling.topK }),
      ...(sampling.minP === undefined ? {} : { min_p: sampling.minP }),
      ...(sampling.repeatPenalty === undefined ? {} : { repeat_penalty: sampling.repeatPenalty }),
      ...(overflow === "drop-oldest" ? { truncate_prompt: true } : {}),
      ...(reusePrefix === undefined ? {} : { cache_prompt: reusePrefix }),
    }),
    status: async () => {
      const status = parseObject(await connection.call("GET", "/internal/status"));
      if (typeof status["base"] !== "object" || !Array.isArray(status["adapters"]))
        throw new EngineFailedError("its status cannot be read");
      return status as unknown as EngineStatus;
    },
    tokenize: (text, options) => llamaTokens(connection, text, options),
    embed: (text, signal) => embedText(connection, {}, text, signal),
    loadAdapter: async ({ name, path, loadInPlace = false }) => {
      await connection.call("POST", "/v1/load_lora_adapter", {
        lora_name: name,
        lora_path: path,
        load_inplace: loadInPlace,
      });
    },
    unloadAdapter: async (name) => {
      await connection.call("POST", "/v1/unload_lora_adapter", { lora_name: name });
    },
    explain: thrownBehind,
    forget: () => {},
  };
}

const rejections: readonly AdapterRejection[] = [
  "not_a_gguf",
  "truncated",
  "not_an_adapter",
  "wrong_architecture",
  "wrong_base",
  "zero_effect",
  "unsupported_rank",
  "checksum_mismatch",
  "outside_folder",
  "not_found",
  "refused_by_engine",
];

/** The error that was thrown behind the wire, made anew from its code. */
function thrownBehind(facts: RefusalFacts, adapterId: string | undefined): Error | undefined {
  const { code, message, param, status, retryAfterS = 2 } = facts;
  if (code === undefined || status === 401 || status === 403) return undefined;
  const quoted = /"(.*?)"/.exec(message)?.[1] ?? "";
  // `adapter_not_found` is two errors' code: of a file when loading, of a name otherwise.
  const reason =
    code === "adapter_not_found" && !message.includes("was refused")
      ? undefined
      : rejections.find((known) => code === `adapter_${known}`);
  if (reason !== undefined)
    return new AdapterRejectedError(quoted, reason, message.split(" was refused: ")[1] ?? message);
  switch (code) {
    case "adapter_not_found":
      return new AdapterNotFoundError(adapterId ?? quoted);
    case "engine_saturated":
      return new EngineSaturatedError(retryAfterS, /busy: (.*)\.$/.exec(message)?.[1]);
    case "engine_memory_full":
      return new EngineMemoryError(retryAfterS);
    case "engine_unavailable":
      return new EngineUnavailableError(retryAfterS);
    case "context_length_exceeded":
      return facts.contextSize === undefined
        ? new InvalidRequestError(message, { code, ...(param === undefined ? {} : { param }) })
        : overflowError(facts);
    case "unsupported_feature":
      return new UnsupportedFeatureError(
        message.replace(/ is not supported by the engine in use\.$/, ""),
        param ?? "request",
      );
    case "internal":
      return undefined;
    default:
      return new EngineRefusedError({
        code,
        status,
        message,
        ...(param === undefined ? {} : { param }),
        ...(facts.retryAfterS === undefined ? {} : { retryAfterS }),
      });
  }
}
