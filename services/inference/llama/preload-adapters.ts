import type { Logger } from "../../foundation/index.ts";
import { TooManyPinnedError } from "../errors.ts";
import type { AdapterCatalog } from "./adapter-catalog.ts";
import type { Residency, Resident } from "./residency.ts";

export interface PreloadGround {
  readonly catalog: Pick<AdapterCatalog, "all" | "find" | "lookUp">;
  readonly residency: Pick<Residency<Resident>, "acquire" | "pin" | "release">;
  /** Adapters that fit at once. */
  readonly places: number;
  /** Longest wait for one adapter. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

/** Loads adapters before anyone asks for them; one that cannot be loaded is logged and left. */
export async function warmAdapters(adapterIds: readonly string[], ground: PreloadGround): Promise<void> {
  const { catalog, residency, timeoutMs, log } = ground;
  for (const adapter of adapterIds) {
    try {
      const { id } = catalog.find(adapter);
      await residency.acquire(id, AbortSignal.timeout(timeoutMs));
      residency.release(id);
    } catch (failure) {
      log.warn({ adapter, error: String(failure) }, "warm-up-failed");
    }
  }
}

/**
 * Loads adapters and keeps them, whoever else wants their places; one that cannot be loaded is logged and left.
 * @throws {TooManyPinnedError} they are more than fit at once; none is loaded then
 */
export async function pinAdapters(adapterIds: readonly string[], ground: PreloadGround): Promise<void> {
  const { catalog, residency, places, timeoutMs, log } = ground;
  const pinned = new Set(adapterIds.flatMap((adapter) => catalog.lookUp(adapter)?.id ?? [])).size;
  if (pinned > places) throw new TooManyPinnedError(pinned, places);
  if (pinned === places && catalog.all.length > pinned) log.warn({ pinned, places }, "pinned-fill-every-place");
  for (const adapter of adapterIds) {
    try {
      await residency.pin(catalog.find(adapter).id, AbortSignal.timeout(timeoutMs));
    } catch (failure) {
      log.warn({ adapter, error: String(failure) }, "pin-failed");
    }
  }
}
