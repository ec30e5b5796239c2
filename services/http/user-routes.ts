import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

/** Forgets what is known of a user. @returns how much of each there was */
export type EraseUser = (userId: string) => Promise<{
  readonly sessions: number;
  readonly requests: number;
  readonly feedback: number;
  readonly recordings: number;
}>;

/** `DELETE /v1/users/:id/data`. Sent again after a failure it erases what was left. */
export const userRoutes: FastifyPluginAsyncTypebox<{ eraseUser: EraseUser }> = async (app, { eraseUser }) => {
  app.delete(
    "/users/:id/data",
    {
      config: { scope: "admin" },
      schema: {
        tags: ["users"],
        summary:
          "Bir kullanıcının konuşmalarını, istek kayıtlarını, geri bildirimlerini ve ses kayıtlarını sil (yönetici)",
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) }),
      },
    },
    async ({ params: { id } }) => ({ object: "user.data.deleted", id, erased: await eraseUser(id) }),
  );
};
