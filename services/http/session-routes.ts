import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { PlatformError } from "../foundation/index.ts";
import type { SessionStore } from "../sessions/index.ts";

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });

/** `GET` and `DELETE /v1/sessions/:id`. */
export const sessionRoutes: FastifyPluginAsyncTypebox<{ sessions: SessionStore }> = async (app, { sessions }) => {
  app.get(
    "/sessions/:id",
    { config: { scope: "chat" }, schema: { tags: ["sessions"], summary: "Bir konuşma", params: Params } },
    async (request) => {
      const session = await sessions.load(request.params.id);
      if (session === undefined) throw unknownSession();
      return {
        id: session.id,
        object: "session",
        user_id: session.userId,
        sector: session.sector,
        created_at: session.createdAt,
        last_used_at: session.lastUsedAt,
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
      if (!(await sessions.delete(request.params.id))) throw unknownSession();
      return { id: request.params.id, object: "session.deleted", deleted: true };
    },
  );
};

function unknownSession(): PlatformError {
  return new PlatformError({
    code: "session_not_found",
    status: 404,
    message: "There is no such session.",
    messageTr: "Böyle bir konuşma yok.",
  });
}
