import type { AdapterStatus, Engine, EngineStatus } from "../../../services/inference/index.ts";
import type { Router, RoutingDecision } from "../../../services/routing/index.ts";
import type { Sectors } from "../../../services/settings/index.ts";

const sectorNames = ["legal", "energy", "telecommunications"];

export function sectorsWith(thresholds: Readonly<Record<string, number>> = {}): Sectors {
  const all = sectorNames.map((id) => ({
    id,
    name: { tr: id, en: id },
    systemPrompt: `Sen ${id} uzmanısın.`,
    ...(thresholds[id] === undefined ? {} : { threshold: thresholds[id] }),
  }));
  return { all, byId: (id) => all.find((sector) => sector.id === id), fallbackSystemPrompt: "Sen bir asistansın." };
}

/** Knows a sector by its name in the text; "peki" alone stays where the conversation was. */
export function wordRouter(
  confidence = 0.9,
): Router & { readonly asked: { text: string; sector: string | undefined }[] } {
  const asked: { text: string; sector: string | undefined }[] = [];
  return {
    sectors: sectorNames,
    asked,
    classify: (text, options = {}) => {
      asked.push({ text, sector: options.conversation?.sector });
      const named = sectorNames.find((sector) => text.includes(sector));
      const kept = named === undefined && text.includes("peki") && options.conversation !== undefined;
      const sector = named ?? (kept ? (options.conversation?.sector ?? null) : null);
      const decision: RoutingDecision = {
        sector,
        confidence: sector === null ? 0.2 : confidence,
        abstained: sector === null,
        kept,
        scores: sectorNames.map((id) => ({ sector: id, confidence: id === sector ? confidence : 0.05 })),
        outOfScope: 0,
        why: [],
      };
      return decision;
    },
  };
}

export function adapterStatus(id: string, sector: string | null = id.split("@")[0] ?? null): AdapterStatus {
  const [name = "", version = ""] = id.split("@");
  return {
    id,
    name,
    version,
    sector,
    file: null,
    sha256: null,
    bytes: null,
    rank: null,
    alpha: null,
    baseSha256: null,
    resident: true,
    pinned: false,
    references: 0,
    lastUsedAt: null,
    hits: 0,
    loadMs: null,
  };
}

/** An engine of which only the status can be asked. */
export function statusEngine(
  ids: readonly string[],
): Engine & { asked: number; down: boolean; ids: readonly string[] } {
  const engine = {
    asked: 0,
    down: false,
    ids,
    status: async (): Promise<EngineStatus> => {
      engine.asked++;
      if (engine.down) throw new Error("down");
      return {
        ready: true,
        base: { id: "taban" },
        adapters: engine.ids.map((id) => adapterStatus(id)),
      } as unknown as EngineStatus;
    },
  };
  return engine as unknown as ReturnType<typeof statusEngine>;
}
