/** One thing that a deployment does. */
export interface Step {
  readonly title: string;
  /** What exactly, for `--dry-run`. */
  readonly how: readonly string[];
  /** Whether what follows makes sense when this fails. Default: it does not. */
  readonly goesOn?: boolean;
  /** @returns what came of it, in a few words @throws what went wrong */
  readonly run: () => Promise<string>;
}

export interface StepResult {
  readonly title: string;
  readonly outcome: "ok" | "failed" | "skipped";
  readonly ms: number;
  readonly detail: string;
}

export interface Progress {
  begins(title: string, number: number, of: number): void;
  ends(result: StepResult): void;
}

/** One after the other; after a failure, or when `signal` fires, what depends on it is skipped. */
export async function runSteps(
  steps: readonly Step[],
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  let stopped = false;
  for (const [at, { title, run, goesOn = false }] of steps.entries()) {
    stopped ||= signal.aborted;
    if (stopped) {
      results.push({
        title,
        outcome: "skipped",
        ms: 0,
        detail: signal.aborted ? "durduruldu" : "önceki adım başarısız",
      });
      continue;
    }
    progress.begins(title, at + 1, steps.length);
    const from = performance.now();
    const result = await outcomeOf(run).then((outcome) => ({
      title,
      ms: Math.round(performance.now() - from),
      ...outcome,
    }));
    results.push(result);
    progress.ends(result);
    stopped = result.outcome === "failed" && !goesOn;
  }
  return results;
}

async function outcomeOf(run: Step["run"]): Promise<Pick<StepResult, "outcome" | "detail">> {
  try {
    return { outcome: "ok", detail: await run() };
  } catch (failure) {
    const cause = failure instanceof Error && failure.cause instanceof Error ? ` (${failure.cause.message})` : "";
    return { outcome: "failed", detail: `${failure instanceof Error ? failure.message : String(failure)}${cause}` };
  }
}

/** What would be done; nothing is. */
export function renderPlan(steps: readonly Step[], undo: string): string {
  const lines = steps.flatMap(({ title, how }, at) => [`${at + 1}. ${title}`, ...how.map((line) => `   ${line}`)]);
  return [...lines, `Başarısız olursa: ${undo}`, ""].join("\n");
}
