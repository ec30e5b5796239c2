import { createHash } from "node:crypto";
import type { Sectors } from "../../settings/index.ts";
import type { RunTimeSector } from "./run-time-sector.ts";

/** Names the router that these sectors' examples make of the shipped one; the order of the sectors does not matter. */
export function weightsKey(shippedKey: string, builtIn: Sectors, runTime: readonly RunTimeSector[]): string {
  const sectors = runTime.map(({ id, examples }) => [id, examples] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  const ids = builtIn.all.map(({ id }) => id);
  return createHash("sha256")
    .update(JSON.stringify([shippedKey, ids, sectors]))
    .digest("hex");
}
