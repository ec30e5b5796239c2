import { type HistoryLimits, recentHistory, type TakeTurn } from "../../conversation/index.ts";
import type { Answer } from "./answer.ts";

/**
 * A turn as chat takes it: routed, with knowledge, under the sector's adapter. It is not kept by itself: what will have been heard of it is
 * known only when it was spoken.
 */
export function createRoutedAnswer(takeTurn: TakeTurn, limits: HistoryLimits): Answer {
  return async function* routedAnswer(question, signal) {
    const { message, history, sessionId, owner, userId, sectors, instructions, sector, maxTokens } = question;
    const request = {
      message,
      owner,
      forget: true,
      ...(sessionId === undefined ? { history: recentHistory(history, limits) } : { sessionId }),
      ...(userId === undefined ? {} : { userId }),
      ...(sectors === undefined ? {} : { sectors }),
      ...(instructions === "" ? {} : { systemPrompt: instructions }),
      ...(sector === undefined ? {} : { sector }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
    };
    for await (const event of takeTurn(request, signal)) {
      if (event.type !== "end") yield event;
      else {
        const { finishReason: reason, usage, timings, sources } = event.result;
        yield { type: "end", reason, usage, timings, sources };
      }
    }
  };
}
