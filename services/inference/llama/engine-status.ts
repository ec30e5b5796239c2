import type { AdapterStatus, EngineActivity, EngineStatus } from "../engine.ts";
import type { AdapterCatalog } from "./adapter-catalog.ts";
import type { NativeModel } from "./llama-bindings.ts";
import type { Residency, Resident } from "./residency.ts";

/** What an engine knows of itself. */
export interface EngineFacts {
  readonly ready: boolean;
  readonly base: { readonly id: string; readonly sha256: string };
  readonly model: Pick<NativeModel, "description" | "chatTemplate">;
  readonly contextSize: number;
  readonly adapters: readonly AdapterStatus[];
  readonly capacity: EngineStatus["capacity"];
  readonly bytesPerContext: number;
  readonly activity: EngineActivity;
}

export function describeEngine(facts: EngineFacts): EngineStatus {
  const { base, model, adapters, bytesPerContext } = facts;
  const { architecture, quantization, parameters, bytes } = model.description;
  const resident = adapters.filter((adapter) => adapter.resident);
  return {
    ready: facts.ready,
    base: {
      id: base.id,
      sha256: base.sha256,
      architecture,
      quantization,
      parameters,
      bytes,
      contextSize: facts.contextSize,
      chatTemplate: model.chatTemplate !== null,
    },
    adapters,
    capacity: facts.capacity,
    memory: {
      residentBytes: bytes + resident.reduce((sum, adapter) => sum + (adapter.bytes ?? 0), 0),
      contexts: resident.length + 1,
      contextBytes: (resident.length + 1) * bytesPerContext,
    },
    activity: facts.activity,
  };
}

/** One adapter of the catalogue, and what residency knows of its use. */
export function adapterStatus<L extends Resident>(
  entry: AdapterCatalog["all"][number],
  residency: Pick<Residency<L>, "use" | "isResident" | "isPinned" | "references">,
): AdapterStatus {
  const use = residency.use(entry.id);
  return {
    id: entry.id,
    name: entry.name,
    version: entry.version,
    sector: entry.sector,
    file: entry.path.split(/[\\/]/).at(-1) ?? null,
    sha256: entry.sha256,
    bytes: entry.bytes,
    rank: entry.rank,
    alpha: entry.alpha,
    baseSha256: entry.baseSha256,
    resident: residency.isResident(entry.id),
    pinned: residency.isPinned(entry.id),
    references: residency.references(entry.id),
    lastUsedAt: use.lastUsedMs === null ? null : new Date(performance.timeOrigin + use.lastUsedMs).toISOString(),
    hits: use.hits,
    loadMs: use.loadMs,
  };
}
