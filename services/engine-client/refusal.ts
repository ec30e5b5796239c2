import {
  AdapterNotFoundError,
  ContextOverflowError,
  EngineRefusedError,
  EngineSaturatedError,
  EngineUnavailableError,
  UnsupportedFeatureError,
} from "../inference/index.ts";
import { EngineDeniedError, EngineFailedError } from "./errors.ts";
import type { RefusalFacts } from "./refusal-facts.ts";

/** What a refusal means, in the house's own errors. @param adapterId the adapter the request named */
export function refusalError(facts: RefusalFacts, adapterId: string | undefined): Error {
  const { status } = facts;
  if (status === 401 || status === 403) return new EngineDeniedError();
  if (status === 429) return new EngineSaturatedError(facts.retryAfterS ?? defaultRetryAfterS);
  if (status === 503 && /queue|busy|overload|capacity|too many/i.test(facts.message)) {
    return new EngineSaturatedError(facts.retryAfterS ?? defaultRetryAfterS);
  }
  if (status === 502 || status === 503 || status === 504)
    return new EngineUnavailableError(facts.retryAfterS ?? defaultRetryAfterS);
  if (status === 501 || facts.type === "not_supported_error")
    return new UnsupportedFeatureError("This request", facts.param ?? "request");
  if (isOverflow(facts)) return overflowError(facts);
  if (adapterId !== undefined && isMissingAdapter(facts)) return new AdapterNotFoundError(adapterId);
  // A web framework's own 404: the system has no such endpoint, or it is switched off.
  if ((status === 404 || status === 405) && !facts.understood)
    return new UnsupportedFeatureError("This request", "request");
  if (status >= 500 || status === 404 || status === 424)
    return new EngineFailedError("it could not carry out the request");
  return new EngineRefusedError({
    code: facts.code ?? "engine_refused",
    status: 400,
    message: speakable(facts.message) || "The engine refuses the request.",
    messageTr: "Model hizmeti bu isteği kabul etmiyor.",
    ...(facts.param === undefined ? {} : { param: facts.param }),
  });
}

export function overflowError({ promptTokens, contextSize }: RefusalFacts): Error {
  if (promptTokens !== undefined && contextSize !== undefined)
    return new ContextOverflowError(promptTokens, contextSize);
  return new EngineRefusedError({
    code: "context_length_exceeded",
    status: 400,
    message: "The messages are longer than the model's context.",
    messageTr: "İletiler modelin bağlam sınırından uzun.",
    param: "messages",
  });
}

/** An engine's words without addresses, paths or what the user wrote: one line, at most 300 characters. */
export function speakable(message: string): string {
  return message
    .replace(/['"]input['"]\s*:[\s\S]*/, "…")
    .split("\n", 1)
    .join("")
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)\]]+/gi, "…")
    .replace(/(?:[A-Za-z]:)?[\w.@~+-]*(?:[\\/][\w.@~+-]+)+[\\/]?/g, "…")
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "…")
    .slice(0, 300);
}

const defaultRetryAfterS = 2;

function isOverflow({ status, code, type, message }: RefusalFacts): boolean {
  if (code === "context_length_exceeded" || type === "exceed_context_size_error") return true;
  return (
    (status === 400 || status === 413 || status === 422) &&
    /context (length|size)|`inputs` (tokens \+|must have less)/i.test(message)
  );
}

function isMissingAdapter({ status, understood, message, type }: RefusalFacts): boolean {
  if (status === 404) return understood;
  const missing = /not loaded|never been loaded|does not exist|not found|cannot be found|no adapter|download/i;
  return /lora|adapter|repository/i.test(message) && (missing.test(message) || type === "NotFoundError");
}
