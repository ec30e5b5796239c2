import fastifyPlugin from "fastify-plugin";
import { type ApiKeys, callerOf, everyone, InvalidApiKeyError, requireScope } from "../access/index.ts";
import { PlatformError } from "../foundation/index.ts";
import { scopeOf } from "./scopes.ts";

/**
 * Asks for `Authorization: Bearer <key>` where there are keys, and for the scope that the route names.
 * Without keys the server listens on loopback only (see refuseOpenBind), and nothing is asked for.
 */
export const access = fastifyPlugin<{ apiKeys: Pick<ApiKeys, "areRequired" | "identify"> }>(
  async (app, { apiKeys }) => {
    app.decorateRequest("caller");
    app.addHook("onRequest", async (request, reply) => {
      request.caller = everyone;
      const scope = scopeOf(request);
      if (scope === "open") return;
      try {
        request.caller = await callerOf(apiKeys, request.headers.authorization);
      } catch (refusal) {
        if (refusal instanceof InvalidApiKeyError) reply.header("www-authenticate", "Bearer");
        throw refusal;
      }
      if (scope !== "any") requireScope(request.caller, scope);
    });
  },
);

/**
 * @param hasKeys whether a key is asked for; looked at only where it matters
 * @throws {PlatformError} the address is reachable from outside and no key is configured
 */
export async function refuseOpenBind(host: string, hasKeys: () => Promise<boolean>): Promise<void> {
  const loopback = host === "localhost" || host === "::1" || /^127\./.test(host);
  if (loopback || (await hasKeys())) return;
  throw new PlatformError({
    code: "open_bind_refused",
    status: 500,
    message: `Refusing to listen on ${host} without API keys. Make one with "npx sektor keys create" or set SEKTOR_API_KEY_SHA256; or listen on 127.0.0.1.`,
    messageTr: `API anahtarı olmadan ${host} adresinde dinlenmez. Anahtar için: npx sektor keys create`,
  });
}
