import { mean } from "../statistics.ts";
import { type PerplexityMatrix, runningText } from "./read-matrix.ts";

/** Changes are parts of the base's perplexity: −0.25 is a quarter below it, 0.1 a tenth above. */
export interface PerplexityFigures {
  /** change[adapter][text], texts being the sectors and then running text. */
  readonly change: readonly (readonly number[])[];
  readonly own: readonly {
    readonly sector: string;
    readonly base: number;
    readonly adapter: number;
    readonly change: number;
  }[];
  readonly meanOwnChange: number;
  /** The adapter that lowers its own sector's perplexity least. */
  readonly weakestOwnChange: number;
  /** Adapters at least `promisedReduction` below the base on their own sector. */
  readonly ownAsPromised: number;
  /** Sectors on which no other adapter is better than their own. */
  readonly bestOnOwn: number;
  readonly meanOffSector: number;
  readonly worstOffSector: number;
  readonly meanRunningText: number;
  readonly worstRunningText: number;
}

export const promisedReduction = 0.25;

export function perplexityFigures({ sectors, at }: PerplexityMatrix): PerplexityFigures {
  const changeOf = (adapter: string, text: string): number => at(adapter, text) / at("base", text) - 1;
  const own = sectors.map((sector) => ({
    sector,
    base: at("base", sector),
    adapter: at(sector, sector),
    change: changeOf(sector, sector),
  }));
  const off = sectors.flatMap((adapter) =>
    sectors.filter((text) => text !== adapter).map((text) => changeOf(adapter, text)),
  );
  const running = sectors.map((adapter) => changeOf(adapter, runningText));
  const isBest = (sector: string): boolean => sectors.every((other) => at(sector, sector) <= at(other, sector));
  return {
    change: sectors.map((adapter) => [...sectors, runningText].map((text) => changeOf(adapter, text))),
    own,
    meanOwnChange: mean(own.map((one) => one.change)) ?? 0,
    weakestOwnChange: Math.max(...own.map((one) => one.change)),
    ownAsPromised: own.filter((one) => one.change <= -promisedReduction).length,
    bestOnOwn: sectors.filter(isBest).length,
    meanOffSector: mean(off) ?? 0,
    worstOffSector: off.length === 0 ? 0 : Math.max(...off),
    meanRunningText: mean(running) ?? 0,
    worstRunningText: Math.max(...running),
  };
}
