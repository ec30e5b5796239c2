import type { Router } from "../../services/routing/index.ts";
import type { Heard } from "./measure.ts";

/** The router on what was heard, against the same messages as text; shares routed to their sector, 0–1. */
export interface RoutingFigures {
  readonly messages: number;
  /** As written, in lower case. */
  readonly fromText: number;
  /** As a perfect recogniser would write them: no punctuation, numbers in words. */
  readonly fromSpokenText: number;
  readonly fromTranscripts: number;
}

export function measureRouting(router: Router, heard: readonly Heard[]): RoutingFigures {
  function share(textOf: (one: Heard) => string): number {
    const right = heard.filter((one) => router.classify(textOf(one)).sector === one.utterance.sector);
    return right.length / heard.length;
  }
  return {
    messages: heard.length,
    fromText: share(({ utterance }) => (utterance.written ?? utterance.text).toLocaleLowerCase("tr")),
    fromSpokenText: share(({ utterance }) => utterance.text),
    fromTranscripts: share(({ transcript }) => transcript),
  };
}
