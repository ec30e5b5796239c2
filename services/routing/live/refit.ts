import { createLinearRouter } from "../linear-router.ts";
import { loadWeights } from "../load-router.ts";
import type { RoutingExample } from "../training/index.ts";
import { outOfScopeClass } from "../weights.ts";
import { fitRouter, type LabelledExamples, readShippedData, trialRecipe, withRunTimeSectors } from "./fit-router.ts";
import { type PackedWeights, packWeights, unpackWeights } from "./packed-weights.ts";
import { countRejected, countServed, countWithAndWithout, type RefitFigures, refusalOf } from "./refit-figures.ts";

export interface RefitQuestion {
  /** The sectors of configs/sectors.yaml, in its order. */
  readonly builtIn: readonly string[];
  /** All run-time sectors the new router shall know. */
  readonly runTime: readonly LabelledExamples[];
  /** The one whose effect is measured first; absent: nothing is measured (the sectors were accepted before). */
  readonly subject?: string;
  /** Train even where `refusalOf` the figures says no. */
  readonly force: boolean;
  /** The router that serves; absent: the shipped one. */
  readonly serving?: PackedWeights;
}

export interface RefitAnswer {
  /** Absent where nothing was measured. */
  readonly figures?: RefitFigures;
  /** Absent where the figures were refused. */
  readonly weights?: PackedWeights;
}

/** Trains the router anew, off the event loop. Rejects with a PlatformError, or with the signal's reason. */
export type Refit = (
  question: RefitQuestion,
  options: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
) => Promise<RefitAnswer>;

export interface RefitFolders {
  /** Holds routing/ and dialogues/. */
  readonly datasets: string;
  /** The shipped router's. */
  readonly weights: string;
}

/**
 * The work itself: seconds of one core. A trial without every tenth message of the others and every fifth of the subject's shows
 * what the sector does to messages nobody trained on; then comes the router that serves, trained on everything, and its
 * comparison with the one that serves now.
 */
export function refitNow(
  question: RefitQuestion,
  folders: RefitFolders,
  onProgress: (share: number) => void,
): RefitAnswer {
  const { builtIn, runTime, subject, force } = question;
  const shipped = loadWeights(folders.weights);
  const data = readShippedData(folders.datasets, builtIn);
  const sectors = [...builtIn, ...runTime.map(({ id }) => id)];
  const everything = withRunTimeSectors(data, runTime);
  onProgress(0.05);
  if (subject === undefined) return { weights: packWeights(fitRouter(shipped, everything, sectors)) };

  const others = runTime.filter(({ id }) => id !== subject);
  const own = runTime.find(({ id }) => id === subject)?.examples ?? [];
  const beside = others.flatMap(({ id, examples }) => examples.map((text) => asExample(text, id)));
  const known = [...data.examples, ...beside].filter(({ sector }) => sectors.includes(sector));
  // Word lists and documents train the router that serves; a trial does without.
  const taught = { ...data, terms: [], sentences: [], examples: data.examples.filter((_, at) => !isEvery(10, at)) };
  const trial = createLinearRouter(
    fitRouter(
      shipped,
      withRunTimeSectors(taught, [...others, { id: subject, examples: own.filter((_, at) => !isEvery(5, at)) }]),
      sectors,
      trialRecipe,
    ),
  );
  onProgress(0.3);
  const unseen = data.examples.filter((_, at) => isEvery(10, at));
  const heldBack = own.filter((_, at) => isEvery(5, at));
  const conversations = data.conversations.map(({ turns }) => turns);
  const serving = createLinearRouter(
    question.serving === undefined ? shipped : unpackWeights(question.serving, shipped.stems),
  );
  const before = countServed(serving, known, conversations);
  const turns = conversations.flat().filter(({ sector }) => sector !== outOfScopeClass).length;
  const tried: RefitFigures = {
    own: {
      messages: heldBack.length,
      recognised: heldBack.filter((text) => trial.classify(text).scores[0]?.sector === subject).length,
    },
    others: countWithAndWithout(
      trial,
      unseen.filter(({ sector }) => sectors.includes(sector)),
      subject,
    ),
    outOfScope: countRejected(
      trial,
      unseen.filter(({ sector }) => sector === outOfScopeClass),
      subject,
    ),
    served: { messages: known.length + turns, before, after: before },
  };
  if (!force && refusalOf(tried) !== undefined) return { figures: tried };

  const weights = fitRouter(shipped, everything, sectors);
  onProgress(0.95);
  const after = countServed(createLinearRouter(weights), known, conversations);
  const figures = { ...tried, served: { ...tried.served, after } };
  if (!force && refusalOf(figures) !== undefined) return { figures };
  return { figures, weights: packWeights(weights) };
}

/** The last of every `n`: which messages are held back does not change from run to run. */
function isEvery(n: number, at: number): boolean {
  return at % n === n - 1;
}

function asExample(text: string, sector: string): RoutingExample {
  return { text, sector, kind: "run_time" };
}
