import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { recordedTurn, type TurnEvent, type TurnRequest, turnCaller, turnResult } from "../conversation/index.ts";
import { formatJsonEvent } from "../dialect/index.ts";
import { PlatformError } from "../foundation/index.ts";
import { asPlatformError, clientSignal, renderProblem, streamEvents } from "../http-kit/index.ts";
import type { ChatRouteParts } from "./chat-routes.ts";
import { RagReply, RagRequest, renderRag, renderRagOpening } from "./rag-shapes.ts";
import { openRecord } from "./record-turn.ts";
import { turnFrames } from "./turn-replies.ts";

/** Most passages found when the request does not say. */
const usualCount = 9;

/**
 * `POST /rag` — a question to the documents: an answer that rests on them, and where it comes from; whole or as server-sent events
 * (`sources`, `delta`…, `end`). Where they hold nothing the answer says so, and no model is asked.
 */
export const ragRoutes: FastifyPluginAsyncTypebox<ChatRouteParts> = async (
  app,
  { takeTurn, requests, replyTimeoutMs },
) => {
  app.post(
    "/rag",
    {
      config: { scope: "chat", streams: true },
      schema: { tags: ["knowledge"], summary: "Belgelere sor", body: RagRequest, response: { 200: RagReply } },
    },
    async (request, reply) => {
      const { body } = request;
      const noteSector = (sector: string | null): void => {
        request.sector = sector ?? "none";
      };
      const turn: TurnRequest = { ...turnOf(body), ...turnCaller(request) };
      const events = asRagFailures(
        recordedTurn(takeTurn(turn, clientSignal(reply, replyTimeoutMs)), turn, (opening) =>
          openRecord(requests, request, reply, opening),
        ),
      );
      if (body.stream === true) {
        const language = request.headers["accept-language"];
        const opening = { name: "sources", render: renderRagOpening };
        await streamEvents(request, reply, turnFrames(events, noteSector, opening, renderRag), (error) =>
          formatJsonEvent(renderProblem(error, language), "error"),
        );
        return reply;
      }
      return renderRag(await turnResult(events, noteSector));
    },
  );
};

function turnOf({ query, sector, k = usualCount, session_id: sessionId }: RagRequest): TurnRequest {
  return {
    message: query,
    knowledge: "only",
    passages: k,
    ...(sector === undefined ? {} : { sector }),
    ...(sessionId === undefined ? { forget: true } : { sessionId }),
  };
}

/** Clients of this address know one failure: 500 with `detail`. The code still tells which it was, and `Retry-After` stays. */
async function* asRagFailures(events: AsyncIterable<TurnEvent>): AsyncGenerator<TurnEvent> {
  try {
    yield* events;
  } catch (thrown) {
    const error = asPlatformError(thrown);
    if (error.status <= 500) throw thrown;
    const { code, message, messageTr, param, retryAfterS } = error;
    throw new PlatformError({
      code,
      status: 500,
      message,
      ...(messageTr === undefined ? {} : { messageTr }),
      ...(param === undefined ? {} : { param }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
      cause: thrown,
    });
  }
}
