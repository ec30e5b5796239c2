import { join, resolve } from "node:path";
import type { Logger } from "../../foundation/index.ts";
import { createLinearRouter, type RouterWeights, type SectorRegistry } from "../../routing/index.ts";
import { unpackWeights } from "../../routing/live/packed-weights.ts";
import { createThreadRefit } from "../../routing/live/refit-in-thread.ts";
import { createSectorRegistry } from "../../routing/live/sector-registry.ts";
import { createSectorStore } from "../../routing/live/sector-store.ts";
import type { Sectors, Settings } from "../../settings/index.ts";

export interface OpenSectorRegistryOptions {
  readonly settings: Pick<Settings, "routing" | "storage">;
  /** Of configs/sectors.yaml. */
  readonly builtIn: Sectors;
  /** The router of `settings.routing.weightsFolder`. */
  readonly shipped: RouterWeights;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly onLive?: (id: string) => void;
}

/** The sectors of the configuration and those added at run time, with the router that knows them. */
export function openSectorRegistry({ settings, shipped, ...rest }: OpenSectorRegistryOptions): SectorRegistry {
  const { weightsFolder, datasetsFolder, trainingTimeoutMs } = settings.routing;
  const weights = resolve(weightsFolder);
  return createSectorRegistry({
    ...rest,
    shipped: createLinearRouter(shipped),
    shippedKey: JSON.stringify(shipped.header),
    store: createSectorStore(join(resolve(settings.storage.folder), "sectors"), rest.log),
    refit: createThreadRefit({ datasets: resolve(datasetsFolder), weights, timeoutMs: trainingTimeoutMs }),
    openRouter: (packed) => createLinearRouter(unpackWeights(packed, shipped.stems)),
  });
}
