import type { LookupFunction } from "node:net";
import { isIPv6 } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { withTimeout } from "../../foundation/index.ts";
import { WebhookFailedError } from "../errors.ts";
import { signatureOf } from "./sign-webhook.ts";
import { checkedWebhookUrl, type Lookup, lookupAll, resolvedAddress, webhookRules } from "./webhook-address.ts";

export interface WebhookOptions {
  readonly allowHttp: boolean;
  /** See `webhookRules`. */
  readonly privateNetworks: readonly string[];
  /** Key of the signature; empty: calls are not signed. */
  readonly secret: string;
  /** Longest whole call. */
  readonly timeoutMs: number;
  readonly lookup?: Lookup;
  readonly nowMs?: () => number;
}

export interface WebhookCall {
  readonly url: string;
  /** The job it tells of; a receiver that has it already can ignore the call. */
  readonly jobId: string;
  /** JSON. */
  readonly body: string;
}

/**
 * Tells a receiver once; whoever calls it tries again. Follows no redirect, reads no more of the reply than its status.
 * @returns the receiver's status, 200–299
 * @throws {WebhookRefusedError} the address may not be called; trying again will not help
 * @throws {WebhookFailedError} it was not reached in time, or answered otherwise
 */
export type SendWebhook = (call: WebhookCall, signal: AbortSignal) => Promise<number>;

export function createSendWebhook(options: WebhookOptions): SendWebhook {
  const { lookup = lookupAll, nowMs = Date.now, secret, timeoutMs } = options;
  const rules = webhookRules(options);
  return async ({ url: text, jobId, body }, signal) => {
    const limited = withTimeout(timeoutMs, signal);
    const url = checkedWebhookUrl(text, rules);
    const address = await resolvedAddress(url, rules, lookup, limited);
    const agent = agentFor(address, timeoutMs);
    try {
      const { statusCode, body: answer } = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: "POST",
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "sektor-webhook/1",
          "x-sektor-job": jobId,
          ...(secret === "" ? {} : { "x-sektor-signature": signatureOf(secret, body, nowMs()) }),
        },
        body,
        signal: limited,
      });
      answer.on("error", () => {}).destroy();
      if (statusCode < 200 || statusCode > 299) throw new WebhookFailedError(`it answered ${statusCode}`);
      return statusCode;
    } catch (failure) {
      if (signal.aborted) throw signal.reason;
      if (failure instanceof WebhookFailedError) throw failure;
      throw new WebhookFailedError("it could not be reached in time", failure);
    } finally {
      await agent.destroy();
    }
  };
}

/** Connections to this very address, whatever the name would mean by now; TLS still goes by the name. */
function agentFor(address: string, timeoutMs: number): Dispatcher {
  const family = isIPv6(address) ? 6 : 4;
  const pinned: LookupFunction = (_host, { all }, found) => {
    if (all === true) found(null, [{ address, family }]);
    else found(null, address, family);
  };
  return new Agent({
    connect: { lookup: pinned, timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    pipelining: 0,
  });
}
