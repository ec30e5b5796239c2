import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { PlatformError } from "../foundation/index.ts";
import { asPlatformError } from "./request-faults.ts";

/** RFC 9457 problem details, in the reader's language: Turkish unless English is asked for. */
export function renderProblem(error: PlatformError, acceptLanguage: string | undefined) {
  const english = prefersEnglish(acceptLanguage);
  return {
    type: `/errors#${error.code}`,
    title: error.name,
    status: error.status,
    code: error.code,
    detail: english ? error.message : (error.messageTr ?? error.message),
    ...(error.param === undefined ? {} : { param: error.param }),
  };
}

/** Renders this scope's errors as problem details. */
export function problemErrors(app: FastifyInstance): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = asPlatformError(thrown);
    if (error.status >= 500)
      request.log.error({ code: error.code, cause: String(error.cause ?? "") }, "request-failed");
    if (error.retryAfterS !== undefined) reply.header("retry-after", error.retryAfterS);
    return sendProblem(request, reply, error);
  });
  app.setNotFoundHandler((request, reply) => {
    const error = new PlatformError({
      code: "not_found",
      status: 404,
      message: "There is nothing at this address.",
      messageTr: "Bu adreste bir şey yok.",
    });
    return sendProblem(request, reply, error);
  });
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, error: PlatformError) {
  const languages = request.headers["accept-language"];
  return reply
    .code(error.status)
    .header("content-language", prefersEnglish(languages) ? "en" : "tr")
    .type("application/problem+json")
    .send(renderProblem(error, languages));
}

/** Whether English ranks above Turkish in an Accept-Language header. */
function prefersEnglish(header: string | undefined): boolean {
  const quality = { en: 0, tr: 0 };
  for (const part of (header ?? "").split(",")) {
    const [range = "", ...parameters] = part.trim().toLowerCase().split(";");
    const language = range.split("-")[0];
    const q = Number(
      parameters
        .find((parameter) => parameter.trim().startsWith("q="))
        ?.trim()
        .slice(2) ?? 1,
    );
    if (language === "en" || language === "tr")
      quality[language] = Math.max(quality[language], Number.isFinite(q) ? q : 0);
  }
  return quality.en > quality.tr;
}
