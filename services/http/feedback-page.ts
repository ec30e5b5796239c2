import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import Value from "typebox/value";
import { IdempotencyKeyReusedError } from "../feedback/index.ts";
import { InvalidRequestError, type PlatformError } from "../foundation/index.ts";
import { asPlatformError } from "../http-kit/index.ts";
import { bodyOf, type FormValues, renderForm } from "./feedback-form.ts";
import type { FeedbackRouteParts } from "./feedback-routes.ts";
import { FeedbackRequest, feedbackOf } from "./feedback-shapes.ts";
import { createFormLimit, type LimitParts } from "./limits.ts";

export interface FeedbackPageParts extends FeedbackRouteParts, LimitParts {
  readonly folder: string;
  readonly newId: () => string;
}

const html = "text/html; charset=utf-8";

/**
 * `/feedback`: the pilot's form, whole without JavaScript. `?message_id=…&session_id=…&sector=…` of the link that led here is remembered;
 * the form's own key makes a double click one feedback. Whoever fills it in needs no key, so it has limits of its own.
 */
export const feedbackPage: FastifyPluginAsyncTypebox<FeedbackPageParts> = async (app, parts) => {
  const [form = "", thanks = "", style = ""] = ["form.html", "thanks.html", "feedback.css"].map((name) =>
    readFileSync(join(parts.folder, name), "utf8"),
  );
  const limit = createFormLimit(parts);
  // Of this scope only: everywhere else a body is JSON.
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );

  app.get("/feedback", { config: { scope: "open" }, schema: { hide: true } }, async (request, reply) => {
    const values = new URLSearchParams(request.query as Record<string, string>);
    reply.header("cache-control", "no-store").type(html);
    if (values.has("alindi")) return thanks;
    values.set("key", parts.newId());
    return renderForm(form, values, parts.sectors);
  });

  app.post("/feedback", { config: { scope: "open" }, schema: { hide: true } }, async (request, reply) => {
    const values: FormValues = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    try {
      const body = bodyOf(values);
      if (!Value.Check(FeedbackRequest, body)) throw unusable(body);
      const key = values.get("key") ?? "";
      const given = feedbackOf(body, parts.sectors);
      await limit(request, reply);
      await parts.feedback.add(given, key === "" ? undefined : { text: key.slice(0, 200), owner: null });
    } catch (thrown) {
      const error = asPlatformError(thrown);
      // The former form was kept though its answer was lost; with its key this one would be refused for ever.
      if (error instanceof IdempotencyKeyReusedError) values.set("key", parts.newId());
      request.errorCode = error.code;
      if (error.status >= 500)
        request.log.error({ code: error.code, cause: String(error.cause ?? "") }, "request-failed");
      if (error.retryAfterS !== undefined) reply.header("retry-after", error.retryAfterS);
      // Whatever went wrong, what was written stays in the form.
      return reply
        .code(error.status)
        .type(html)
        .send(renderForm(form, values, parts.sectors, sentenceOf(error)));
    }
    return reply.redirect("feedback?alindi", 303);
  });

  app.get("/feedback/feedback.css", { config: { scope: "open" }, schema: { hide: true } }, async (_request, reply) =>
    reply.header("cache-control", "no-cache").type("text/css; charset=utf-8").send(style),
  );
};

function unusable(body: Record<string, unknown>): InvalidRequestError {
  return body["rating"] === undefined
    ? new InvalidRequestError("A rating is needed.", {
        param: "rating",
        messageTr: "Lütfen 1 ile 5 arasında bir puan seçin.",
      })
    : new InvalidRequestError("A field is too long.", {
        messageTr: "Yazdıklarınızdan biri çok uzun; lütfen kısaltın.",
      });
}

function sentenceOf(error: PlatformError): string {
  if (error instanceof IdempotencyKeyReusedError)
    return "Bu formun önceki hâlini almıştık. Değiştirdiğiniz hâlini ayrı bir geri bildirim olarak göndermek için yeniden gönderin.";
  const again = error.status >= 500 ? " Yazdıklarınız duruyor; biraz sonra yeniden gönderin." : "";
  return `${error.messageTr ?? error.message}${again}`;
}
