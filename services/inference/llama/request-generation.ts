import { randomInt } from "node:crypto";
import type { GenerateRequest, Prompt, ResponseFormat, SamplingParameters } from "../engine.ts";
import type { ChoicePath } from "./choice-path.ts";
import { Generation, type GenerationInit } from "./generation.ts";
import type { ClaimedSlot } from "./lane.ts";
import type { NativeGrammar, NativeModel } from "./llama-bindings.ts";
import { isWholeJson } from "./response-grammar.ts";
import { TextStream } from "./text-stream.ts";

/** What was made ready for a request before its reply can be computed. */
export interface PreparedRequest
  extends Pick<GenerationInit, "acceptedAtMs" | "arrival" | "nowMs" | "onToken" | "prompt"> {
  readonly claimed: ClaimedSlot;
  readonly grammar: NativeGrammar | undefined;
  readonly path: ChoicePath | undefined;
}

/** The reply to be computed, as the request wants it. */
export function generationFor(
  model: NativeModel,
  request: GenerateRequest,
  { claimed, grammar, path, ...given }: PreparedRequest,
): Generation {
  const sampling = path === undefined ? (request.sampling ?? {}) : withoutPenalties(request.sampling);
  // The markers of tool calls may be control tokens: they are written out for whoever looks for calls.
  const withControl = mayCall(request.prompt);
  return new Generation({
    ...given,
    ...claimed,
    sampler: model.createSampler({
      temperature: sampling.temperature ?? 0,
      topK: sampling.topK ?? 0,
      topP: sampling.topP ?? 1,
      minP: sampling.minP ?? 0,
      repeatPenalty: sampling.repeatPenalty ?? 1,
      frequencyPenalty: sampling.frequencyPenalty ?? 0,
      presencePenalty: sampling.presencePenalty ?? 0,
      seed: (sampling.seed ?? randomInt(2 ** 32)) >>> 0,
      ...(grammar === undefined ? {} : { grammar }),
    }),
    text: new TextStream((tokens) => model.detokenize(tokens, withControl), request.stop ?? []),
    maxTokens: request.maxTokens ?? Number.POSITIVE_INFINITY,
    shifts: request.maxTokens !== undefined && path === undefined,
    topLogprobs: request.topLogprobs,
    endsGeneration: (token) => model.endsGeneration(token),
    path,
    isComplete: isJson(request.responseFormat) ? isWholeJson : undefined,
  });
}

function mayCall(prompt: Prompt): boolean {
  return "messages" in prompt && (prompt.tools ?? []).length > 0 && (prompt.toolChoice ?? "auto") === "auto";
}

function isJson(format: ResponseFormat | undefined): boolean {
  return format?.type === "json_object" || format?.type === "json_schema";
}

/** What may be said is fixed: a text must not lose because its words stand in the prompt or in itself. */
function withoutPenalties({
  repeatPenalty: _,
  frequencyPenalty: _1,
  presencePenalty: _2,
  ...rest
}: SamplingParameters = {}): SamplingParameters {
  return rest;
}
