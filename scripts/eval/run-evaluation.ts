import { join, resolve } from "node:path";
import { describeMachine } from "../../bench/support/machine.ts";
import { loadRouter } from "../../services/routing/index.ts";
import { loadSectors } from "../../services/settings/index.ts";
import { evaluateAnswers } from "./answers/evaluate-answers.ts";
import type { EvalOptions } from "./options.ts";
import { evaluatePerplexity } from "./perplexity/evaluate-perplexity.ts";
import type { Progress } from "./progress.ts";
import { readInputs } from "./read-inputs.ts";
import type { Report } from "./report/report.ts";
import { evaluateRouter } from "./router/evaluate-router.ts";
import type { FailedPart, PartName, Section } from "./section.ts";
import { evaluateSpeed } from "./speed/evaluate-speed.ts";
import { measureRouterSpeed, type RouterSpeed } from "./speed/router-speed.ts";

const defaultThreads = 2;

/**
 * The chosen parts, one after another. One that fails is named in the report and does not stop the others.
 * @throws {EvalInputError} an input cannot be used; nothing was measured then
 */
export async function runEvaluation(options: EvalOptions, progress: Progress, signal: AbortSignal): Promise<Report> {
  const sectors = loadSectors(options.sectors);
  const inputs = readInputs(options, sectors);
  const router = once(() => loadRouter(join(options.models, "router")));
  const speed = once((): RouterSpeed => {
    const texts = inputs.router?.messages.map(({ text }) => text) ?? [];
    // A trial on few lines shows that it works; it need not take its time.
    return measureRouterSpeed(router(), texts, options.limit === undefined ? undefined : { short: 500, long: 50 });
  });
  const evaluations: Readonly<Record<PartName, () => Section | Promise<Section> | undefined>> = {
    router: () => inputs.router && evaluateRouter(inputs.router, { router: router(), sectors, speed }, progress),
    answers: () => inputs.answers && evaluateAnswers(inputs.answers, progress, signal),
    perplexity: () => inputs.perplexity && evaluatePerplexity(inputs.perplexity, `\`${options.perplexity}\``),
    speed: () => evaluateSpeed(speed, { folder: resolve(options.models), threads: options.threads ?? defaultThreads }),
  };
  const sections: Section[] = [];
  const failed: FailedPart[] = [];
  for (const part of options.parts) {
    try {
      signal.throwIfAborted();
      const section = await evaluations[part]();
      if (section !== undefined) sections.push(section);
    } catch (failure) {
      failed.push({ part, fault: faultOf(failure) });
    }
  }
  return { machine: describeMachine(options.models), sections, failed, limit: options.limit };
}

/** With its cause: of a server that is not there, fetch itself says nothing but "fetch failed". */
function faultOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure.cause instanceof Error ? `${failure.message}: ${failure.cause.message}` : failure.message;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
