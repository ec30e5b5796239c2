import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import { orAbort } from "../../foundation/index.ts";
import { WebhookFailedError, WebhookRefusedError } from "../errors.ts";
import { isPublicAddress, withinNetworks } from "./public-address.ts";

/** Every address of a host name. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export interface WebhookRules {
  /** Whether `http:` may be called too. */
  readonly allowHttp: boolean;
  /** Whether an address may be called. */
  readonly isOpen: (address: string) => boolean;
}

/** @param settings `privateNetworks`: what may be called besides the open internet @throws {RangeError} one of them is no network */
export function webhookRules(settings: {
  readonly allowHttp: boolean;
  readonly privateNetworks: readonly string[];
}): WebhookRules {
  const isGranted = withinNetworks(settings.privateNetworks);
  return { allowHttp: settings.allowHttp, isOpen: (address) => isPublicAddress(address) || isGranted(address) };
}

const longestUrl = 2048;

/**
 * What can be said of a webhook without asking the network: it is looked at when a job comes in.
 * @throws {WebhookRefusedError} no URL, another scheme, a password in it, or an address (also as a number) that may not be called
 */
export function checkedWebhookUrl(text: string, rules: WebhookRules): URL {
  const url = text.length <= longestUrl && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new WebhookRefusedError("it is no URL of at most 2048 characters", "geçerli bir URL değil");
  if (url.protocol !== "https:" && !(rules.allowHttp && url.protocol === "http:"))
    throw new WebhookRefusedError("it must begin with https:", "https: ile başlamalı");
  if (url.username !== "" || url.password !== "")
    throw new WebhookRefusedError("it must not hold a password", "parola içermemeli");
  const host = hostOf(url);
  if (isIP(host) !== 0) assertReachable([host], rules);
  return url;
}

/**
 * The address to connect to. Asked for at every try: what a name means can change, so the address that was checked is the one to use.
 * @throws {WebhookRefusedError} one of the name's addresses may not be called
 * @throws {WebhookFailedError} the name has no address at the moment
 */
export async function resolvedAddress(
  url: URL,
  rules: WebhookRules,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<string> {
  const host = hostOf(url);
  const addresses = isIP(host) === 0 ? await looked(host, lookup, signal) : [host];
  assertReachable(addresses, rules);
  const [first] = addresses;
  if (first === undefined) throw new WebhookFailedError("its host has no address");
  return first;
}

export const lookupAll: Lookup = async (host) =>
  (await systemLookup(host, { all: true })).map(({ address }) => address);

async function looked(host: string, lookup: Lookup, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await orAbort(lookup(host), signal);
  } catch (failure) {
    throw new WebhookFailedError("its host cannot be found", failure);
  }
}

/** One closed address among open ones is enough to refuse: nobody publishes such a mixture in good faith. */
function assertReachable(addresses: readonly string[], rules: WebhookRules): void {
  if (!addresses.every(rules.isOpen))
    throw new WebhookRefusedError("its address is not on the open internet", "adresi açık internette değil");
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}
