import type { Registry } from "prom-client";
import { buildApp, problemErrors } from "../http-kit/index.ts";
import { contentTypes, exposition, expositionFormat, type ProcessLogger } from "../observability/index.ts";
import type { Settings } from "../settings/index.ts";

/** How a work process tells that it lives, and what it did. It takes no orders, and listens on loopback unless the settings say otherwise. */
export function buildWorkApp(logger: ProcessLogger, { http }: Pick<Settings, "http">, registry: Registry) {
  const app = buildApp({ logger, ...http });
  problemErrors(app);
  app.get("/health/live", async () => ({ status: "ok" }));
  app.get("/metrics", async (request, reply) => {
    const format = expositionFormat(request.headers.accept);
    return reply.type(contentTypes[format]).send(await exposition(registry, format));
  });
  return app;
}
