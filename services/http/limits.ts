import type { FastifyReply, FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import {
  addressRules,
  countedAddress,
  type GivePlace,
  keyRules,
  type RateLimiter,
  type RateRule,
  type RateState,
  rateRefusal,
  replyPlace,
  userRules,
  userSubject,
  waitPlace,
  wholeSeconds,
} from "../access/index.ts";
import type { Settings } from "../settings/index.ts";

export interface LimitParts {
  readonly limiter: RateLimiter;
  /** 0 anywhere: no limit. */
  readonly limits: Settings["limits"] & { readonly requestsPerMinute: number };
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** The route's replies come from the model: as many at a time as the limits say. */
    streams?: boolean;
    /** The route may wait for a job: as many at a time as the limits say. */
    waits?: boolean;
  }
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Before a key is looked at: requests of one address. Probes and scrapes use up nobody's allowance. */
export const addressLimit = fastifyPlugin<LimitParts>(async (app, { limiter, limits }) => {
  const rules = addressRules(limits.requestsPerMinute);
  if (rules.length === 0) return;
  app.addHook("onRequest", async (request, reply) => {
    if (!isProbe(request)) await count(reply, limiter, `address:${countedAddress(request.ip)}`, rules);
  });
});

/** Once the key is known: requests of the key; once the body is read: requests and replies at a time of the user. */
export const callerLimits = fastifyPlugin<LimitParts>(async (app, { limiter, limits }) => {
  const ofKey = keyRules(limits.keyPerMinute);
  const rules = userRules(limits);

  app.addHook("onRequest", async (request, reply) => {
    const { keyId } = request.caller;
    if (keyId !== null && ofKey.length > 0) await count(reply, limiter, `key:${keyId}`, ofKey);
  });

  app.addHook("preHandler", async (request, reply) => {
    // What is asked of the platform counts for the user; looking at lists and administering do not.
    const { scope, streams, waits } = request.routeOptions.config;
    if (waits === true) {
      const who = { keyId: request.caller.keyId, address: countedAddress(request.ip) };
      holdWhileAnswering(reply, await waitPlace(limiter, who, limits.waitsPerKey));
    }
    if (request.method !== "POST" || scope === "admin" || scope === "open") return;
    const { keyId } = request.caller;
    const user = userSubject(request.caller, namedUser(request));
    if (streams === true) {
      if (keyId !== null) await enter(reply, limiter, `key:${keyId}`, limits.streamsPerKey);
      if (user !== undefined) await enter(reply, limiter, user, limits.streamsPerUser);
    }
    if (user !== undefined && rules.length > 0) await count(reply, limiter, user, rules);
  });
});

/**
 * Forms that come without a key: of one address, and of all together, so that nobody can fill the database.
 * @returns counts one @throws {RateLimitError}
 */
export function createFormLimit({ limiter, limits }: LimitParts) {
  const ofAddress = [{ name: "form_hour", max: limits.formsPerHour, windowMs: hourMs }].filter(isSet);
  const ofAll = [{ name: "form_day", max: limits.formsPerDay, windowMs: dayMs }].filter(isSet);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (ofAddress.length > 0) await count(reply, limiter, `form:${countedAddress(request.ip)}`, ofAddress);
    if (ofAll.length > 0) await count(reply, limiter, "forms", ofAll);
  };
}

/** The user a request names; undefined: none. */
function namedUser({ body }: FastifyRequest): string | undefined {
  const { user_id: own, user: openAi } = (typeof body === "object" && body !== null ? body : {}) as {
    readonly user_id?: unknown;
    readonly user?: unknown;
  };
  const said = [own, openAi].find((one) => typeof one === "string" && one !== "");
  return said === undefined ? undefined : String(said);
}

/** @throws {RateLimitError} */
async function count(reply: FastifyReply, limiter: RateLimiter, subject: string, rules: readonly RateRule[]) {
  const state = await limiter.take(subject, rules);
  tellState(reply, state);
  if (!state.allowed) throw rateRefusal(state);
}

/** Of several limits the tightest is told. */
function tellState(reply: FastifyReply, { rule, remaining, resetMs }: RateState): void {
  const told = reply.getHeader("ratelimit-remaining");
  if (told !== undefined && Number(told) < remaining) return;
  reply.header("ratelimit-limit", rule.max);
  reply.header("ratelimit-remaining", remaining);
  reply.header("ratelimit-reset", wholeSeconds(resetMs));
}

/** @throws {TooManyStreamsError} */
async function enter(reply: FastifyReply, limiter: RateLimiter, subject: string, max: number): Promise<void> {
  holdWhileAnswering(reply, await replyPlace(limiter, subject, max));
}

/** The place is given back when the reply has ended, however it ends. */
function holdWhileAnswering({ raw }: FastifyReply, give: GivePlace): void {
  raw.once("finish", give);
  raw.once("close", give);
  // The client may have left while we asked.
  if (raw.closed || raw.destroyed) give();
}

function isProbe({ routeOptions: { url = "" } }: FastifyRequest): boolean {
  return url === "/metrics" || /^\/health(\/|$)/.test(url);
}

function isSet({ max }: RateRule): boolean {
  return max > 0;
}
