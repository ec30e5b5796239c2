import {
  type AdapterStatus,
  compareVersionsDescending,
  type Engine,
  type EngineStatus,
  parseAdapterId,
} from "../inference/index.ts";
import type { ChosenAdapter } from "./turn.ts";

export interface AdapterDirectory {
  /** The adapter that serves a sector now, or null: the loaded base has none. */
  forSector(sector: string): Promise<ChosenAdapter | null>;
  /** A certain adapter, `name@version` or a bare name; undefined: there is none. */
  byId(id: string): Promise<(ChosenAdapter & { readonly sector: string | null }) | undefined>;
  /** The engine's state, at most `maxAgeMs` old. */
  status(): Promise<EngineStatus>;
}

/**
 * What the engine can serve, remembered for a moment: asking it at every turn would cost a round trip.
 * @param stable sector → adapter id that configs/adapters.yaml fixes; without an entry the newest version serves. An engine that fetches adapters by their
 *   names is asked for these and no others
 */
export function createAdapterDirectory(
  engine: Engine,
  stable: Readonly<Record<string, string>>,
  options: { readonly maxAgeMs: number; readonly nowMs: () => number },
): AdapterDirectory {
  let known: { readonly status: Promise<EngineStatus>; readonly atMs: number } | undefined;
  const status = (): Promise<EngineStatus> => {
    const now = options.nowMs();
    if (known !== undefined && now - known.atMs < options.maxAgeMs) return known.status;
    const previous = known;
    const asked = engine.status();
    // An engine that restarts serves the same adapters as before: what was known stays known.
    const answer = previous === undefined ? asked : asked.catch(() => previous.status);
    const entry = { status: answer, atMs: now };
    known = entry;
    asked.catch(() => {
      if (known === entry) known = previous;
    });
    return answer;
  };
  const choose = (found: AdapterStatus | undefined) =>
    found === undefined ? undefined : { id: found.id, name: found.name, version: found.version, sector: found.sector };
  /** What the settings name, where the engine cannot say what it has. */
  const named = Object.entries(stable).map(([sector, id]) => {
    const { name, version = "1" } = parseAdapterId(id);
    return { id, name, version, sector };
  });
  const newest = (list: readonly AdapterStatus[]) =>
    [...list].sort((a, b) => compareVersionsDescending(a.version, b.version))[0];

  return {
    status,
    forSector: async (sector) => {
      const { adapters, fetchesAdapters } = await status();
      const fixed = stable[sector];
      const found =
        (fixed === undefined ? undefined : adapters.find((adapter) => adapter.id === fixed)) ??
        newest(adapters.filter((adapter) => adapter.sector === sector)) ??
        (fetchesAdapters ? named.find((adapter) => adapter.sector === sector) : undefined);
      return found === undefined ? null : { id: found.id, name: found.name, version: found.version };
    },
    byId: async (id) => {
      const { adapters, fetchesAdapters } = await status();
      const listed =
        adapters.find((adapter) => adapter.id === id) ?? newest(adapters.filter((adapter) => adapter.name === id));
      if (listed !== undefined || fetchesAdapters !== true) return choose(listed);
      return named.find((adapter) => adapter.id === id || adapter.name === id || adapter.sector === id);
    },
  };
}
