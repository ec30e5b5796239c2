export type { ApiKey, Caller, KeptSecret } from "./api-key.ts";
export type { ApiKeyStore, FoundSecret } from "./api-key-store.ts";
export type { ApiKeys, MintedApiKey, NewApiKey } from "./api-keys.ts";
export { callerOf, everyone, requireScope } from "./caller-of.ts";
export {
  ApiKeyNotFoundError,
  InvalidApiKeyError,
  KeyCheckBusyError,
  LimitsUnavailableError,
  type LimitWords,
  RateLimitError,
  ScopeMissingError,
  TooManyStreamsError,
  TooManyWaitsError,
} from "./errors.ts";
export { countedAddress } from "./limits/counted-address.ts";
export type { GivePlace, RateLimiter, RateRule, RateState } from "./limits/rate-limiter.ts";
export {
  addressRules,
  keyRules,
  rateRefusal,
  replyPlace,
  userRules,
  userSubject,
  waitPlace,
  wholeSeconds,
} from "./limits/user-limits.ts";
export { isScope, type Scope, scopes } from "./scopes.ts";
