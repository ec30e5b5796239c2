import { existsSync } from "node:fs";
import { join } from "node:path";
import { foldTurkish } from "../../foundation/index.ts";
import {
  defaultRecipe,
  type Recipe,
  type RoutingData,
  RoutingDataError,
  type RoutingExample,
  readTrainingData,
  refitRouter,
} from "../training/index.ts";
import { followUpClass, outOfScopeClass, type RouterWeights } from "../weights.ts";
import { RouterDataMissingError, RouterTrainingFailedError } from "./errors.ts";

/** A run-time sector as the training sees it. */
export interface LabelledExamples {
  readonly id: string;
  readonly examples: readonly string[];
}

/**
 * For a router that is only compared with itself: without misspelt copies and with fewer passes it takes a third of the time. What is asked of it is
 * whether one sector draws messages from the others, not how well it reads typos.
 */
export const trialRecipe: Recipe = {
  ...defaultRecipe,
  corpus: { ...defaultRecipe.corpus, copies: [] },
  fit: { ...defaultRecipe.fit, epochs: 3 },
};

/** How many times at most a run-time sector's examples are repeated so that it does not drown among sectors with ten times as many. */
const mostRepeats = 12;

/**
 * One fit on everything, without cross-validation. Temperature, thresholds and conversation are those of the shipped router: they
 * were chosen on all its sectors, and thirty messages could not choose better ones.
 */
export function fitRouter(
  shipped: RouterWeights,
  data: RoutingData,
  sectors: readonly string[],
  recipe: Recipe = defaultRecipe,
): RouterWeights {
  return refitRouter(shipped.header, data, sectors, recipe, shipped.stems);
}

/**
 * What the shipped router was trained on.
 * @throws {RouterDataMissingError} a sector has no messages there
 * @throws {RouterTrainingFailedError} lines cannot be used
 */
export function readShippedData(datasetsFolder: string, sectors: readonly string[]): RoutingData {
  if (!existsSync(join(datasetsFolder, "routing/train")))
    throw new RouterDataMissingError("there is no folder routing/train");
  const data = readAll(datasetsFolder, sectors);
  const present = new Set(data.examples.map(({ sector }) => sector));
  const missing = [...sectors, outOfScopeClass].filter((sector) => !present.has(sector));
  if (missing.length > 0) throw new RouterDataMissingError(`no messages for ${missing.join(", ")}`);
  return data;
}

/** Callers hear how many lines are at fault; which they are is said by `npm run router:train`, where the files are. */
function readAll(from: Parameters<typeof readTrainingData>[0], sectors: readonly string[]): RoutingData {
  try {
    return readTrainingData(from, sectors);
  } catch (fault) {
    if (!(fault instanceof RoutingDataError)) throw fault;
    throw new RouterTrainingFailedError(`${fault.faults.length} lines of its data cannot be used`, fault);
  }
}

/**
 * The shipped data with the run-time sectors' examples beside it, as often as it takes to be about as many as a shipped sector has.
 * A message that was out of scope until now and is one of the examples is so no longer.
 */
export function withRunTimeSectors(data: RoutingData, added: readonly LabelledExamples[]): RoutingData {
  const usual = usualCount(data.examples);
  const taken = new Set(added.flatMap(({ examples }) => examples.map(foldTurkish)));
  const kept = data.examples.filter(
    ({ text, sector }) => sector !== outOfScopeClass || !taken.has(foldTurkish(text.trim())),
  );
  const more = added.flatMap(({ id, examples }) => {
    const repeats = Math.min(mostRepeats, Math.max(1, Math.round(usual / Math.max(1, examples.length))));
    const once = examples.map((text): RoutingExample => ({ text, sector: id, kind: "run_time" }));
    return Array.from({ length: repeats }, () => once).flat();
  });
  return { ...data, examples: [...kept, ...more] };
}

/** The median number of messages a sector has. */
function usualCount(examples: readonly RoutingExample[]): number {
  const counts = new Map<string, number>();
  for (const { sector } of examples)
    if (sector !== outOfScopeClass && sector !== followUpClass) counts.set(sector, (counts.get(sector) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
