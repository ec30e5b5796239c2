import { createLogger } from "../../../services/observability/index.ts";
import type { Router } from "../../../services/routing/index.ts";
import type { PackedWeights } from "../../../services/routing/live/packed-weights.ts";
import type { Refit, RefitAnswer, RefitQuestion } from "../../../services/routing/live/refit.ts";
import type { RefitFigures } from "../../../services/routing/live/refit-figures.ts";
import type { NewSector } from "../../../services/routing/live/run-time-sector.ts";
import { createSectorRegistry, type SectorRegistryParts } from "../../../services/routing/live/sector-registry.ts";
import { createMemorySectorStore } from "../../support/memory-sector-store.ts";
import { sectorsWith } from "../conversation/parts.ts";

export const silent = createLogger("test", "silent");

export const harmless: RefitFigures = {
  own: { messages: 6, recognised: 5 },
  others: { messages: 1000, without: 900, with: 900 },
  served: { messages: 1000, before: 990, after: 990 },
  outOfScope: { messages: 100, without: 90, with: 90 },
};

/** Thirty examples that share no beginning. */
export function newSector(id: string, more: Partial<NewSector> = {}): NewSector {
  return { id, name: { tr: id }, examples: examplesOf(id), ...more };
}

export function examplesOf(id: string, from = 0, count = 30): readonly string[] {
  return Array.from({ length: count }, (_, at) => `soru${from + at} ${id} hakkında`);
}

/** A router as bytes that knows a sector by its id in the text. */
export function packedFor(sectors: readonly string[]): PackedWeights {
  return { header: sectors.join(" "), table: new Uint8Array() };
}

export function wordRouterOf({ header }: PackedWeights): Router {
  const sectors = header.split(" ");
  return {
    sectors,
    classify: (text) => {
      const sector = sectors.find((id) => text.includes(id)) ?? null;
      const scores = sectors
        .map((id) => ({ sector: id, confidence: id === sector ? 0.9 : 0.01 }))
        .sort((a, b) => b.confidence - a.confidence);
      const confidence = sector === null ? 0.2 : 0.9;
      return { sector, confidence, abstained: sector === null, kept: false, scores, outOfScope: 0, why: [] };
    },
  };
}

export interface HeldRefit {
  readonly refit: Refit;
  readonly questions: readonly RefitQuestion[];
  /** Ends the training that runs: with its router, with these figures alone, or with a failure. */
  finish(outcome?: Partial<RefitAnswer> | Error): Promise<void>;
}

/** A training that ends when the test says so. */
export function heldRefit(): HeldRefit {
  const questions: RefitQuestion[] = [];
  let end: (outcome: Partial<RefitAnswer> | Error) => void = () => undefined;
  return {
    questions,
    refit: (question, { signal, onProgress }) =>
      new Promise((resolve, reject) => {
        questions.push(question);
        onProgress(0.5);
        signal.addEventListener("abort", () => reject(signal.reason));
        end = (outcome) => {
          const weights = packedFor([...question.builtIn, ...question.runTime.map(({ id }) => id)]);
          if (outcome instanceof Error) reject(outcome);
          else resolve({ figures: harmless, weights, ...outcome });
        };
      }),
    finish: async (outcome = {}) => {
      end(outcome);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export const builtIn = sectorsWith();

export function registryWith(parts: Partial<SectorRegistryParts> = {}) {
  const held = heldRefit();
  let now = 0;
  const all: SectorRegistryParts = {
    builtIn,
    shipped: wordRouterOf(packedFor(builtIn.all.map(({ id }) => id))),
    shippedKey: "shipped",
    store: createMemorySectorStore(),
    refit: held.refit,
    openRouter: wordRouterOf,
    nowMs: () => {
      now += 1000;
      return now;
    },
    log: silent,
    ...parts,
  };
  return { registry: createSectorRegistry(all), parts: all, ...held };
}
