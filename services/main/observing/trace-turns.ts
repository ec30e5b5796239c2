import type { GroundPrompt, TurnRouting } from "../../conversation/index.ts";
import { spanOf } from "../../foundation/index.ts";
import { asPlatformError } from "../../http-kit/index.ts";
import { routingValues } from "../../observability/index.ts";

/** A decision that has just been made, as a step of the trace that its turn's signal carries. */
export function traceRouting(routing: TurnRouting, signal: AbortSignal | undefined): void {
  const span = spanOf(signal);
  if (span?.kept !== true) return;
  const endMs = performance.now();
  const step = span.child("route", { startMs: endMs - routing.ms });
  step.note(routingValues(routing));
  step.end(undefined, endMs);
}

/** The same step of a turn; where one is traced and documents are wanted, looking into them is a step of its trace. */
export function tracedGroundPrompt(groundPrompt: GroundPrompt): GroundPrompt {
  return async (question, signal) => {
    const span = spanOf(signal);
    if (span?.kept !== true || question.use === "ignore") return await groundPrompt(question, signal);
    const step = span.child("knowledge");
    try {
      const grounding = await groundPrompt(question, signal);
      const { found, used, quotes } = grounding;
      step.note({
        "sektor.sector": question.sector ?? "all",
        "sektor.passages_found": found.length,
        "sektor.passages_used": used.length,
        "sektor.quotes": quotes.length,
      });
      step.end();
      return grounding;
    } catch (thrown) {
      step.end(asPlatformError(thrown).code);
      throw thrown;
    }
  };
}
