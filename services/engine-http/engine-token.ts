import { createHash, timingSafeEqual } from "node:crypto";
import fastifyPlugin from "fastify-plugin";
import { InvalidApiKeyError } from "../access/index.ts";

/** Probes and scrapes, which say how it is and nothing of what was said. */
const open = new Set(["/health", "/health/live", "/metrics"]);

/** Asks for `Authorization: Bearer <token>`, as gateways send it, before anything else is looked at. Empty: nothing is asked for. */
export const engineToken = fastifyPlugin<{ token: string }>(async (app, { token }) => {
  if (token === "") return;
  const wanted = sha256(`Bearer ${token}`);
  app.addHook("onRequest", async (request, reply) => {
    if (open.has(request.routeOptions.url ?? "")) return;
    if (timingSafeEqual(wanted, sha256(request.headers.authorization ?? ""))) return;
    reply.header("www-authenticate", "Bearer");
    throw new InvalidApiKeyError();
  });
});

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
