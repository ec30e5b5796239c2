import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Caller, Scope } from "../access/index.ts";

/** What a route asks for: a scope of the key, `any` key, or nothing (`open`: probes, and pages for people without a key). */
export type RouteScope = Scope | "any" | "open";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Every route names it; without it only administrators get in. */
    scope?: RouteScope;
  }
  interface FastifyInstance {
    /** `GET /v1/models` → what it asks for; undefined: its route does not say. */
    routeScopes: Map<string, RouteScope | undefined>;
  }
  interface FastifyRequest {
    /** Who asks; set before any handler runs. */
    caller: Caller;
  }
}

export function scopeOf(request: FastifyRequest): RouteScope {
  // Only those who may come in learn which addresses there are.
  return request.is404 ? "any" : (request.routeOptions.config.scope ?? "admin");
}

/**
 * Lists every route's scope, and names it for routes that libraries add: the API reference, and the answer to preflights.
 * Call it before the first route.
 */
export function collectRouteScopes(app: Pick<FastifyInstance, "addHook" | "decorate">): void {
  const routeScopes = new Map<string, RouteScope | undefined>();
  app.decorate("routeScopes", routeScopes);
  app.addHook("onRoute", (route) => {
    const scope = route.config?.scope ?? libraryScope(route.url);
    if (scope !== undefined) route.config = { ...route.config, scope };
    for (const method of [route.method].flat()) routeScopes.set(`${method} ${route.url}`, scope);
  });
}

function libraryScope(url: string): RouteScope | undefined {
  if (/^\/docs(\/|$)/.test(url)) return "any";
  return url === "*" ? "open" : undefined;
}
