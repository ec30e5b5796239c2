export { InvalidSessionIdError, SessionBusyError, SessionsUnavailableError } from "./errors.ts";
export { assertSessionId } from "./session-id.ts";
export type {
  OwnedSessionStore,
  Session,
  SessionMessage,
  SessionStore,
  SessionStoreOptions,
  SessionTurn,
} from "./session-store.ts";
