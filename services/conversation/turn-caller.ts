import type { Caller } from "../access/index.ts";
import type { TurnRequest } from "./turn.ts";

/** What the caller's key says about a turn. A key that belongs to a user speaks for that user, whatever the request says. */
export function turnCaller(
  { caller }: { readonly caller: Caller },
  saidUserId?: string,
): Pick<TurnRequest, "owner" | "userId" | "sectors"> {
  const userId = caller.userId ?? saidUserId;
  return {
    owner: caller.keyId,
    ...(userId === undefined ? {} : { userId }),
    ...(caller.sectors === null ? {} : { sectors: caller.sectors }),
  };
}
