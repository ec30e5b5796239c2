import { tellSource } from "../../conversation/index.ts";
import type { ServerEvent } from "../events/index.ts";
import type { AnswerOpening } from "./answer.ts";

/** Who answers, before the first word. */
export function tellOpening(responseId: string, opening: AnswerOpening, send: (event: ServerEvent) => void): void {
  const { routing, adapter } = opening;
  send({
    type: "x.sector",
    response_id: responseId,
    session_id: opening.sessionId,
    message_id: opening.messageId,
    sector: routing.sector,
    confidence: routing.confidence,
    routed_by: routing.routedBy,
    adapter: adapter === null ? null : { name: adapter.name, version: adapter.version },
    alternatives: routing.alternatives,
  });
}

/** The passages the reply rests on; nothing where there are none. */
export function tellSources(
  responseId: string,
  sources: AnswerOpening["sources"],
  send: (event: ServerEvent) => void,
): void {
  if (sources.length === 0) return;
  send({
    type: "x.sources",
    response_id: responseId,
    sources: sources.map(tellSource),
  });
}
