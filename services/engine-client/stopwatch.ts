import type { Timings, Usage } from "../inference/index.ts";
import { type JsonObject, numberAt, parseObject } from "./json.ts";

/**
 * When a reply was asked for, began and ended, as seen from here. For engines that say nothing of time: `prompt_ms` is then the wait for the
 * first piece (network and the engine's queue included), `predicted_ms` the rest, and `queue_ms` 0 because it cannot be told apart.
 */
export class Stopwatch {
  readonly #nowMs: () => number;
  readonly #startedAtMs: number;
  #firstAtMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs();
  }

  pieceCame(): void {
    this.#firstAtMs ??= this.#nowMs();
  }

  /** @param reported llama-server's `timings`, as far as the engine gives them */
  timings(reported: JsonObject | undefined, usage: Usage): Timings {
    const endedAtMs = this.#nowMs();
    const firstAtMs = this.#firstAtMs ?? endedAtMs;
    const waitedMs = firstAtMs - this.#startedAtMs;
    if (reported !== undefined && numberAt(reported, "predicted_n") !== undefined) return completed(reported, waitedMs);
    const computed = usage.promptTokens - usage.cachedTokens;
    const predictedMs = endedAtMs - firstAtMs;
    return completed(
      {
        cache_n: usage.cachedTokens,
        prompt_n: computed,
        prompt_ms: waitedMs,
        prompt_per_token_ms: waitedMs / Math.max(1, computed),
        prompt_per_second: (computed * 1000) / Math.max(waitedMs, 1e-3),
        predicted_n: usage.completionTokens,
        predicted_ms: predictedMs,
        predicted_per_token_ms: predictedMs / Math.max(1, usage.completionTokens - 1),
        predicted_per_second: (Math.max(0, usage.completionTokens - 1) * 1000) / Math.max(predictedMs, 1e-3),
        queue_ms: 0,
      },
      waitedMs,
    );
  }
}

/** llama-server has no `queue_ms`: there it is what is left of the wait when the time spent on the prompt is taken off. */
function completed(reported: JsonObject, waitedMs: number): Timings {
  const at = (key: string): number => numberAt(reported, key) ?? 0;
  return {
    cache_n: at("cache_n"),
    prompt_n: at("prompt_n"),
    prompt_ms: at("prompt_ms"),
    prompt_per_token_ms: at("prompt_per_token_ms"),
    prompt_per_second: at("prompt_per_second"),
    predicted_n: at("predicted_n"),
    predicted_ms: at("predicted_ms"),
    predicted_per_token_ms: at("predicted_per_token_ms"),
    predicted_per_second: at("predicted_per_second"),
    queue_ms: numberAt(reported, "queue_ms") ?? Math.max(0, waitedMs - at("prompt_ms")),
  };
}

/** OpenAI's `usage`; where it is missing, llama-server's timings; where both are, the pieces counted and an unknown prompt as 0. */
export function usageOf(usage: JsonObject | undefined, timings: JsonObject | undefined, pieces: number): Usage {
  if (usage !== undefined) {
    return {
      promptTokens: numberAt(usage, "prompt_tokens") ?? 0,
      cachedTokens: numberAt(parseObject(usage["prompt_tokens_details"]), "cached_tokens") ?? 0,
      completionTokens: numberAt(usage, "completion_tokens") ?? pieces,
    };
  }
  const cachedTokens = numberAt(timings ?? {}, "cache_n") ?? 0;
  return {
    promptTokens: cachedTokens + (numberAt(timings ?? {}, "prompt_n") ?? 0),
    cachedTokens,
    completionTokens: numberAt(timings ?? {}, "predicted_n") ?? pieces,
  };
}
