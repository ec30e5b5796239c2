export { InvalidSessionIdError, SessionBusyError, SessionNotFoundError, SessionsUnavailableError } from "./errors.ts";
export { assertSessionId } from "./session-id.ts";
export { assertOwnSession } from "./session-owner.ts";
export type {
  OwnedSessionStore,
  Session,
  SessionMessage,
  SessionStore,
  SessionStoreOptions,
  SessionSummary,
  SessionTurn,
} from "./session-store.ts";
