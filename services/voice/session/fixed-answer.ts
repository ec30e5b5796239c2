import { noTimings, noUsage } from "../../conversation/index.ts";
import type { Answer } from "./answer.ts";

/** Said when nobody has said anything for long. */
export const idlePrompt = "Hâlâ orada mısınız? Size yardımcı olabileceğim başka bir konu var mı?";

/** A text of ours, for which no model is asked; it belongs to no turn. */
export function createFixedAnswer(text: string): Answer {
  return async function* fixedAnswer() {
    yield { type: "text-delta", text };
    yield { type: "end", reason: "stop", usage: noUsage, timings: noTimings, sources: [] };
  };
}
