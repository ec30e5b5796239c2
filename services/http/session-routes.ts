import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Caller } from "../access/index.ts";
import { assertOwnSession, type Session, SessionNotFoundError, type SessionStore } from "../sessions/index.ts";

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });

/** `GET` and `DELETE /v1/sessions/:id`: a key sees its own conversations, an administrator's all. */
export const sessionRoutes: FastifyPluginAsyncTypebox<{ sessions: SessionStore }> = async (app, { sessions }) => {
  /** @throws {SessionNotFoundError} */
  const ownSession = async ({ caller, params }: { caller: Caller; params: { id: string } }): Promise<Session> => {
    const session = await sessions.load(params.id);
    if (session === undefined) throw new SessionNotFoundError();
    if (!caller.scopes.includes("admin")) assertOwnSession(session, caller.keyId);
    return session;
  };

  app.get(
    "/sessions/:id",
    { config: { scope: "chat" }, schema: { tags: ["sessions"], summary: "Bir konuşma", params: Params } },
    async (request) => {
      const session = await ownSession(request);
      return {
        id: session.id,
        object: "session",
        user_id: session.userId,
        sector: session.sector,
        created_at: session.createdAt,
        last_used_at: session.lastUsedAt,
        summary: session.summary?.text ?? null,
        messages: session.messages.map(({ id, role, content, at, sector = null, adapter = null }) => ({
          id,
          role,
          content,
          at,
          sector,
          adapter,
        })),
      };
    },
  );

  app.delete(
    "/sessions/:id",
    { config: { scope: "chat" }, schema: { tags: ["sessions"], summary: "Konuşmayı sil", params: Params } },
    async (request) => {
      const { id } = await ownSession(request);
      if (!(await sessions.delete(id))) throw new SessionNotFoundError();
      return { id, object: "session.deleted", deleted: true };
    },
  );
};
