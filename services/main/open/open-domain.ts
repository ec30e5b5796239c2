import { resolve } from "node:path";
import type { Disposal, Logger } from "../../foundation/index.ts";
import type { Engine } from "../../inference/index.ts";
import { loadWeights } from "../../routing/index.ts";
import { loadSectors, loadStableAdapters, type Settings } from "../../settings/index.ts";
import { loadSectorAdapters } from "./load-sector-adapters.ts";
import { openKnowledge } from "./open-knowledge.ts";
import { openSectorRegistry } from "./open-sector-registry.ts";

/** The sectors, their adapters and the router as they are shipped. */
function loadShipped({ routing }: Pick<Settings, "routing">) {
  const builtIn = loadSectors(resolve("configs/sectors.yaml"));
  const stable = loadStableAdapters(resolve("configs/adapters.yaml"), builtIn);
  return { builtIn, stable, weights: loadWeights(resolve(routing.weightsFolder)) };
}

export interface OpenDomainOptions {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly logger: Logger;
  readonly disposal: Disposal;
  readonly nowMs: () => number;
}

/** What the platform knows: its sectors, the router between them, their documents. The data folder must be this process's alone. */
export function openDomain({ settings, engine, logger, disposal, nowMs }: OpenDomainOptions) {
  const { builtIn, stable, weights } = loadShipped(settings);
  const adapterFolder = resolve(settings.model.adapterFolder);
  const onLive = (id: string) => void loadSectorAdapters(engine, adapterFolder, id, logger);
  const registry = disposal.own(
    openSectorRegistry({ settings, builtIn, shipped: weights, nowMs, onLive, log: logger }),
    (opened) => opened[Symbol.asyncDispose](),
  );
  return { registry, stable, ...openKnowledge(settings.knowledge.folder, registry.sectors, weights.stems, logger) };
}
