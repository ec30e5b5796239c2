import { PlatformError } from "../foundation/index.ts";
import type { SessionStore } from "../sessions/index.ts";
import type { TurnRequest } from "./turn.ts";

/**
 * Runs `work` when no other turn of the session runs. A turn that names no session waits for nobody, so it goes on also while sessions are
 * out of reach; and one that is forgotten has no session at all.
 * @throws {SessionBusyError} @throws the signal's reason, when it fires before `work` begins
 */
export async function inTurn(
  sessions: Pick<SessionStore, "withTurn">,
  request: Pick<TurnRequest, "sessionId" | "forget">,
  sessionId: string,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (request.sessionId !== undefined) return await sessions.withTurn(sessionId, work, signal);
  if (request.forget === true) return await work();
  let begun = false;
  const begin = async (): Promise<void> => {
    begun = true;
    await work();
  };
  try {
    await sessions.withTurn(sessionId, begin, signal);
  } catch (failure) {
    if (begun || !isUnavailable(failure)) throw failure;
    await work();
  }
}

/** Whether what keeps sessions is out of reach at this moment. */
export function isUnavailable(failure: unknown): boolean {
  return failure instanceof PlatformError && failure.status === 503;
}
