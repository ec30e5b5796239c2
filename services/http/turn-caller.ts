import type { FastifyRequest } from "fastify";
import type { TurnRequest } from "../conversation/index.ts";

/** What the caller's key says about a turn. A key that belongs to a user speaks for that user, whatever the request says. */
export function turnCaller(
  { caller }: Pick<FastifyRequest, "caller">,
  saidUserId?: string,
): Pick<TurnRequest, "owner" | "userId" | "sectors"> {
  const userId = caller.userId ?? saidUserId;
  return {
    owner: caller.keyId,
    ...(userId === undefined ? {} : { userId }),
    ...(caller.sectors === null ? {} : { sectors: caller.sectors }),
  };
}
