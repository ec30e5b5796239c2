import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { recordedTurn, type TakeTurn, type TurnRequest, turnCaller, turnResult } from "../conversation/index.ts";
import { formatJsonEvent } from "../dialect/index.ts";
import { clientSignal, renderProblem, streamEvents } from "../http-kit/index.ts";
import type { RequestLog } from "../records/index.ts";
import { ChatReply, ChatRequest, renderOpening, renderTurn } from "./chat-shapes.ts";
import { openRecord } from "./record-turn.ts";
import { turnFrames } from "./turn-replies.ts";

export interface ChatRouteParts {
  readonly takeTurn: TakeTurn;
  readonly requests: RequestLog;
  readonly replyTimeoutMs: number;
}

/** `POST /api/v1/chat` — one utterance in, one reply out, whole or as server-sent events (`routing`, `delta`…, `end`). */
export const chatRoutes: FastifyPluginAsyncTypebox<ChatRouteParts> = async (
  app,
  { takeTurn, requests, replyTimeoutMs },
) => {
  app.post(
    "/api/v1/chat",
    {
      config: { scope: "chat", streams: true },
      schema: {
        tags: ["chat"],
        summary: "Sohbet: yönlendir, yanıtla",
        body: ChatRequest,
        response: { 200: ChatReply },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const turn: TurnRequest = {
        message: body.message,
        ...(body.session_id === undefined ? {} : { sessionId: body.session_id }),
        ...turnCaller(request, body.user_id),
        ...(body.sector === undefined ? {} : { sector: body.sector }),
        ...(body.max_tokens === undefined ? {} : { maxTokens: body.max_tokens }),
        ...(body.use_knowledge === false ? { knowledge: "ignore" } : {}),
        ...(body.temperature === undefined ? {} : { sampling: { temperature: body.temperature } }),
      };
      const noteSector = (sector: string | null): void => {
        request.sector = sector ?? "none";
      };
      const events = recordedTurn(takeTurn(turn, clientSignal(reply, replyTimeoutMs)), turn, (opening) =>
        openRecord(requests, request, reply, opening),
      );
      if (body.stream === true) {
        const language = request.headers["accept-language"];
        const opening = { name: "routing", render: renderOpening };
        await streamEvents(request, reply, turnFrames(events, noteSector, opening, renderTurn), (error) =>
          formatJsonEvent(renderProblem(error, language), "error"),
        );
        return reply;
      }
      return { success: true as const, data: renderTurn(await turnResult(events, noteSector)) };
    },
  );
};
