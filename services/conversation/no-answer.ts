import type { Timings, Usage } from "../inference/index.ts";

/** Said when the documents are asked and have nothing: a model without sources would invent. */
export const noAnswer = "Belgelerde bu soruya yanıt verecek bir bilgi bulamadım.";

/** The figures of a reply for which no model was asked. */
export const noUsage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
export const noTimings: Timings = {
  cache_n: 0,
  prompt_n: 0,
  prompt_ms: 0,
  prompt_per_token_ms: 0,
  prompt_per_second: 0,
  predicted_n: 0,
  predicted_ms: 0,
  predicted_per_token_ms: 0,
  predicted_per_second: 0,
  queue_ms: 0,
};
