import type { FastifyInstance } from "fastify";
import { renderOpenAiError } from "../dialect/index.ts";
import { PlatformError } from "../foundation/index.ts";
import { asPlatformError } from "./request-faults.ts";

/** Renders this scope's errors as OpenAI does, so that stock clients raise their own error classes; addresses that nothing is at, too. */
export function openAiErrors(app: FastifyInstance): void {
  openAiErrorHandler(app);
  app.setNotFoundHandler((_request, reply) => {
    const error = new PlatformError({ code: "not_found", status: 404, message: "There is nothing at this address." });
    return reply.code(404).send(renderOpenAiError(error));
  });
}

/** The same for a scope beside another one of the same prefix, of which only one can say what is not found. */
export function openAiErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = asPlatformError(thrown);
    if (error.status >= 500)
      request.log.error({ code: error.code, cause: String(error.cause ?? "") }, "request-failed");
    if (error.retryAfterS !== undefined) reply.header("retry-after", error.retryAfterS);
    return reply.code(error.status).send(renderOpenAiError(error));
  });
}
