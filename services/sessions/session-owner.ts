import { SessionNotFoundError } from "./errors.ts";
import type { Session } from "./session-store.ts";

/**
 * A session is the key's that opened it. One without an owner, opened while no key was asked for or by a version that knew none, is open to
 * every key that knows its id, and becomes the first one's that goes on with it.
 * @param owner id of the key that asks; null or absent: none was asked for, so there is nobody to keep it from
 * @throws {SessionNotFoundError} it is another key's
 */
export function assertOwnSession(session: Pick<Session, "owner"> | undefined, owner: string | null | undefined): void {
  if (!mayContinue(session?.owner, owner)) throw new SessionNotFoundError();
}

/** The same rule as in the keepers' SQL and Lua. */
function mayContinue(owner: string | null | undefined, asking: string | null | undefined): boolean {
  return owner == null || asking == null || owner === asking;
}
