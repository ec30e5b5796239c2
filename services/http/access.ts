import { createHash, timingSafeEqual } from "node:crypto";
import fastifyPlugin from "fastify-plugin";
import { PlatformError } from "../foundation/index.ts";

/** Open to everyone: what probes and people without a key must reach. */
const open = new Set([
  "/",
  "/static/:name",
  "/feedback",
  "/feedback/feedback.css",
  "/health",
  "/health/live",
  "/health/ready",
  "/health/startup",
  "/errors",
]);

/**
 * Asks for `Authorization: Bearer <key>` where keys are configured; they are known by their SHA-256 only, compared in constant time.
 * Without keys the server listens on loopback only (see refuseOpenBind).
 */
export const access = fastifyPlugin<{ keySha256: readonly string[] }>(async (app, { keySha256 }) => {
  if (keySha256.length === 0) return;
  const accepted = keySha256.map((hex) => Buffer.from(hex, "hex"));
  app.addHook("onRequest", async (request) => {
    if (open.has(request.routeOptions.url ?? "")) return;
    const header = request.headers.authorization ?? "";
    const key = /^Bearer (.+)$/i.exec(header)?.[1] ?? "";
    const digest = createHash("sha256").update(key).digest();
    let known = false;
    for (const candidate of accepted) known = timingSafeEqual(candidate, digest) || known;
    if (!known) {
      throw new PlatformError({
        code: "invalid_api_key",
        status: 401,
        message: "A valid API key is needed: Authorization: Bearer <key>.",
        messageTr: "Geçerli bir API anahtarı gerekiyor: Authorization: Bearer <anahtar>.",
      });
    }
  });
});

/** @throws {PlatformError} the address is reachable from outside and no key is configured */
export function refuseOpenBind(host: string, keySha256: readonly string[]): void {
  const loopback = host === "localhost" || host === "::1" || /^127\./.test(host);
  if (loopback || keySha256.length > 0) return;
  throw new PlatformError({
    code: "open_bind_refused",
    status: 500,
    message: `Refusing to listen on ${host} without API keys. Set SEKTOR_API_KEY_SHA256, or listen on 127.0.0.1.`,
    messageTr: `API anahtarı olmadan ${host} adresinde dinlenmez.`,
  });
}
