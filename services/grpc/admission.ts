import type { Metadata } from "@grpc/grpc-js";
import {
  type ApiKeys,
  addressRules,
  type Caller,
  callerOf,
  countedAddress,
  type GivePlace,
  keyRules,
  type RateLimiter,
  type RateRule,
  rateRefusal,
  replyPlace,
  requireScope,
  type Scope,
  userRules,
  userSubject,
} from "../access/index.ts";
import type { Settings } from "../settings/index.ts";
import { textOf } from "./metadata.ts";

export interface AdmissionParts {
  readonly apiKeys: Pick<ApiKeys, "areRequired" | "identify">;
  readonly limiter: RateLimiter;
  readonly limits: Pick<
    Settings["limits"],
    "keyPerMinute" | "userPerHour" | "userPerDay" | "streamsPerKey" | "streamsPerUser"
  >;
  /** Requests of one address; HTTP's are counted with them. */
  readonly requestsPerMinute: number;
}

export interface Admission {
  /**
   * Who calls; counted for its address before the key is looked at, and for its key after.
   * @param peer as grpc-js has it: `127.0.0.1:4711`
   * @param scope undefined: any key will do
   * @throws {RateLimitError} @throws {InvalidApiKeyError} @throws {ScopeMissingError} @throws {LimitsUnavailableError}
   */
  caller(metadata: Metadata, peer: string, scope: Scope | undefined): Promise<Caller>;
  /**
   * A place for one reply, counted for its user as chat over HTTP is.
   * @returns what gives the place back
   * @throws {TooManyStreamsError} @throws {RateLimitError} @throws {LimitsUnavailableError}
   */
  reply(caller: Caller, userId: string | undefined): Promise<GivePlace>;
}

export function createAdmission({ apiKeys, limiter, limits, requestsPerMinute }: AdmissionParts): Admission {
  const ofAddress = addressRules(requestsPerMinute);
  const ofKey = keyRules(limits.keyPerMinute);
  const ofUser = userRules(limits);
  const count = async (subject: string, rules: readonly RateRule[]): Promise<void> => {
    if (rules.length === 0) return;
    const state = await limiter.take(subject, rules);
    if (!state.allowed) throw rateRefusal(state);
  };
  return {
    caller: async (metadata, peer, scope) => {
      await count(`address:${countedAddress(peer.replace(/:\d+$/, ""))}`, ofAddress);
      const caller = await callerOf(apiKeys, textOf(metadata, "authorization"));
      if (scope !== undefined) requireScope(caller, scope);
      if (caller.keyId !== null) await count(`key:${caller.keyId}`, ofKey);
      return caller;
    },
    reply: async (caller, userId) => {
      const user = userSubject(caller, userId);
      const { keyId } = caller;
      const places: GivePlace[] = [];
      const giveAll = (): void => {
        for (const give of places) give();
      };
      try {
        if (keyId !== null) places.push(await replyPlace(limiter, `key:${keyId}`, limits.streamsPerKey));
        if (user !== undefined) {
          places.push(await replyPlace(limiter, user, limits.streamsPerUser));
          await count(user, ofUser);
        }
        return giveAll;
      } catch (refusal) {
        giveAll();
        throw refusal;
      }
    },
  };
}
