import type { PackedWeights } from "../../services/routing/live/packed-weights.ts";
import type { KeptSector, SectorStore } from "../../services/routing/live/sector-store.ts";

/** A store that forgets with the process. */
export function createMemorySectorStore(): SectorStore {
  const sectors = new Map<string, KeptSector>();
  const weights = new Map<string, PackedWeights>();
  return {
    load: () => [...sectors.values()],
    loadWeights: (key) => weights.get(key),
    save: async (kept) => {
      sectors.set(kept.sector.id, kept);
    },
    saveWeights: async (key, packed) => {
      weights.clear();
      weights.set(key, packed);
    },
    remove: async (id) => {
      sectors.delete(id);
    },
  };
}
