import type { Caller } from "./api-key.ts";
import type { ApiKeys } from "./api-keys.ts";
import { InvalidApiKeyError, ScopeMissingError } from "./errors.ts";
import { type Scope, scopes } from "./scopes.ts";

/** Who asks where no key is asked for. */
export const everyone: Caller = { keyId: null, scopes, sectors: null, userId: null };

/**
 * Who asks, by `Bearer <key>`, where there are keys. Without keys a server listens on loopback only, and nothing is asked for.
 * @param authorization the header, or what another transport has in its place
 * @throws {InvalidApiKeyError} @throws {KeyCheckBusyError}
 */
export async function callerOf(
  apiKeys: Pick<ApiKeys, "areRequired" | "identify">,
  authorization: string | undefined,
): Promise<Caller> {
  if (!(await apiKeys.areRequired())) return everyone;
  const key = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  const caller = key === undefined ? undefined : await apiKeys.identify(key);
  if (caller === undefined) throw new InvalidApiKeyError();
  return caller;
}

/** @throws {ScopeMissingError} the caller's key has not this scope */
export function requireScope(caller: Pick<Caller, "scopes">, scope: Scope): void {
  if (!caller.scopes.includes(scope)) throw new ScopeMissingError(scope);
}
