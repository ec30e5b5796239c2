import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { Caller } from "../access/index.ts";
import { type TurnRequest, turnCaller } from "../conversation/index.ts";
import { asPlatformError } from "../http-kit/index.ts";

/** The proto's message, with the bounds that a proto cannot say. */
export const GenerateRequest = Type.Object({
  message: Type.Optional(Type.String()),
  session_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  sector: Type.Optional(Type.String({ maxLength: 64 })),
  max_tokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
  use_knowledge: Type.Optional(Type.Boolean()),
});
export type GenerateRequest = Static<typeof GenerateRequest>;

/** @throws {PlatformError} `invalid_request`, naming the first field that does not fit */
export function checkRequest(request: unknown): asserts request is GenerateRequest {
  if (Value.Check(GenerateRequest, request)) return;
  throw asPlatformError({ validation: Value.Errors(GenerateRequest, request), validationContext: "request" });
}

export function turnOf(request: GenerateRequest, caller: Caller): TurnRequest {
  return {
    // An empty text is not sent at all; the conversation says what is wrong with it.
    message: request.message ?? "",
    ...(request.session_id === undefined ? {} : { sessionId: request.session_id }),
    ...turnCaller({ caller }, request.user_id),
    ...(request.sector === undefined ? {} : { sector: request.sector }),
    ...(request.max_tokens === undefined ? {} : { maxTokens: request.max_tokens }),
    ...(request.use_knowledge === false ? { knowledge: "ignore" } : {}),
    ...(request.temperature === undefined ? {} : { sampling: { temperature: request.temperature } }),
  };
}
