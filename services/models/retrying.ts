import { pause } from "../foundation/index.ts";
import { ModelDownloadError } from "./errors.ts";
import type { NetworkLimits } from "./network-limits.ts";
import { type RequestContext, TransientFailure } from "./open-download.ts";

/**
 * `attempt` until it succeeds; transient failures are tried again after a growing pause.
 * @param progressed whether the failed attempt got further than all before it: then failures are counted anew
 * @throws {ModelDownloadError} more failures in a row than `limits.retries`
 */
export async function retrying<T>(
  limits: NetworkLimits,
  { label, signal }: RequestContext,
  attempt: () => Promise<T>,
  progressed: () => boolean = () => false,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (fault) {
      signal.throwIfAborted();
      if (!(fault instanceof TransientFailure)) throw fault;
      failures = progressed() ? 1 : failures + 1;
      if (failures > limits.retries) throw new ModelDownloadError(label, fault.reason, fault);
      const doubled = limits.firstDelayMs * 2 ** (failures - 1);
      await pause(Math.min(limits.maxDelayMs, Math.max(doubled, fault.retryAfterMs ?? 0)), signal);
      signal.throwIfAborted();
    }
  }
}
