import type { GivePlace, RateLimiter } from "../../access/index.ts";
import { TooManyVoiceSessionsError, VoiceSessionsFullError } from "./errors.ts";

/** Counts sessions that are open: all of this server's, and each key's, which gateways with shared limits count together. */
export function createSessionPlaces({
  limiter,
  maxSessions,
  maxSessionsPerKey,
}: {
  readonly limiter: RateLimiter;
  readonly maxSessions: number;
  readonly maxSessionsPerKey: number;
}) {
  let taken = 0;
  /**
   * @param keyId null: no key was asked for
   * @throws {VoiceSessionsFullError} @throws {TooManyVoiceSessionsError} @throws {LimitsUnavailableError}
   */
  return async function enter(keyId: string | null): Promise<GivePlace> {
    if (taken >= maxSessions) throw new VoiceSessionsFullError();
    // Before the key's place is asked for, so that many who come at once do not all see the last place.
    taken++;
    try {
      const ofKey = keyId === null ? () => {} : await limiter.enter(`voice:${keyId}`, maxSessionsPerKey);
      if (ofKey === undefined) throw new TooManyVoiceSessionsError(maxSessionsPerKey);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        taken--;
        ofKey();
      };
    } catch (refusal) {
      taken--;
      throw refusal;
    }
  };
}
