import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { ApiKey, ApiKeys, MintedApiKey, NewApiKey } from "../access/index.ts";
import { UnknownSectorError } from "../conversation/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";
import type { Sectors } from "../settings/index.ts";
import { KeyRequest, type KeyView, MintedKeyView, RotateRequest } from "./key-shapes.ts";

export interface KeyRouteParts {
  readonly apiKeys: ApiKeys;
  readonly sectors: Sectors;
  /** Wall clock, ISO 8601. */
  readonly nowIso: () => string;
}

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const usualGraceS = 86_400;
const config = { scope: "admin" } as const;
const tags = ["keys"];

/** `/v1/keys`: makes, lists, rotates and revokes API keys. The key itself is shown once, by the reply that makes it. */
export const keyRoutes: FastifyPluginAsyncTypebox<KeyRouteParts> = async (app, { apiKeys, sectors, nowIso }) => {
  // A reply that holds a key stays out of every cache.
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  app.post(
    "/keys",
    { config, schema: { tags, summary: "Anahtar oluştur", body: KeyRequest, response: { 201: MintedKeyView } } },
    async (request, reply) => {
      const { name, scopes: wanted = ["chat"], user_id: userId = null } = request.body;
      const allowed = request.body.sectors ?? null;
      const unknown = allowed?.find((sector) => sectors.byId(sector) === undefined);
      if (unknown !== undefined)
        throw new UnknownSectorError(
          unknown,
          sectors.all.map(({ id }) => id),
        );
      const expiresAt = expiryOf(request.body.expires_at ?? null, nowIso());
      const facts: NewApiKey = { name: name.trim(), scopes: wanted, sectors: allowed, userId, expiresAt };
      return reply.code(201).send(renderMinted(await apiKeys.create(facts)));
    },
  );

  app.get("/keys", { config, schema: { tags, summary: "Anahtarlar" } }, async () => ({
    object: "list",
    data: (await apiKeys.list()).map(renderKey),
  }));

  app.post(
    "/keys/:id/rotate",
    {
      config,
      schema: {
        tags,
        summary: "Anahtarı yenile",
        params: Params,
        body: RotateRequest,
        response: { 201: MintedKeyView },
      },
    },
    async (request, reply) => {
      const minted = await apiKeys.rotate(request.params.id, request.body.grace_s ?? usualGraceS);
      return reply.code(201).send(renderMinted(minted));
    },
  );

  app.delete(
    "/keys/:id",
    { config, schema: { tags, summary: "Anahtarı iptal et", params: Params } },
    async (request) => {
      await apiKeys.revoke(request.params.id);
      return { id: request.params.id, object: "api_key.revoked", revoked: true };
    },
  );
};

/** @throws {InvalidRequestError} no time, or one that is over */
function expiryOf(text: string | null, nowIso: string): Date | null {
  if (text === null) return null;
  const expiry = new Date(text);
  if (expiry.getTime() > Date.parse(nowIso)) return expiry;
  throw new InvalidRequestError("expires_at must be a time to come, as ISO 8601.", {
    param: "expires_at",
    messageTr: "expires_at, ISO 8601 biçiminde gelecekteki bir zaman olmalı.",
  });
}

function renderMinted({ key, text }: MintedApiKey) {
  return { ...renderKey(key), key: text };
}

function renderKey(key: ApiKey): Type.Static<typeof KeyView> {
  return {
    id: key.id,
    object: "api_key",
    name: key.name,
    scopes: [...key.scopes],
    sectors: key.sectors === null ? null : [...key.sectors],
    user_id: key.userId,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    last_used_at: key.lastUsedAt,
    secrets: key.prefixes.map(({ prefix, validUntil }) => ({ begins: `sk-sektor-${prefix}`, valid_until: validUntil })),
  };
}
