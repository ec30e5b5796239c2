import type { WireFormat } from "../../speech/index.ts";
import { type ResponseWishes, type ServerEvent, type SessionConfig, voiceOf } from "../events/index.ts";
import type { VoiceCaller } from "../voice-session.ts";
import type { Answer, AnswerQuestion } from "./answer.ts";
import { createComposedAnswer } from "./composed-answer.ts";
import { createFixedAnswer, idlePrompt } from "./fixed-answer.ts";
import type { Items } from "./items.ts";
import type { VoiceSessionParts } from "./parts.ts";
import { type Reply, startReply } from "./reply.ts";
import { inputOf, isPlain, questionOf, termsOf, userOf } from "./reply-task.ts";
import { createRoutedAnswer } from "./routed-answer.ts";
import { sessionFacts } from "./session-changes.ts";
import type { SpokenTurns } from "./spoken-turn.ts";
import type { UtteranceFacts } from "./turn-timer.ts";

export interface MouthSurroundings {
  readonly parts: VoiceSessionParts;
  readonly caller: VoiceCaller;
  readonly items: Items;
  readonly turns: SpokenTurns;
  readonly newId: (prefix: string) => string;
  readonly send: (event: ServerEvent) => void;
  readonly config: () => SessionConfig;
  /** The client changed what was said before. */
  readonly isReshaped: () => boolean;
  readonly onAudio: (bytes: Uint8Array, wire: WireFormat) => void;
  readonly onSound: (generation: number) => void;
  readonly onEnd: (generation: number) => void;
}

/** What the session says: one reply at a time. */
export interface Mouth extends Omit<Reply, "resume"> {
  /** Id of the response that is open, if one is. */
  readonly responseId: string | undefined;
  /** For the next reply alone. @throws {VoiceUnknownError} */
  wish(wishes: ResponseWishes): void;
  /** Says that nobody has said anything, at the next reply. */
  wishIdlePrompt(): void;
  /** @param utterance what is answered; undefined: nothing was said */
  start(generation: number, utterance: UtteranceFacts | undefined): void;
  resume(): void;
}

export function createMouth(surroundings: MouthSurroundings): Mouth {
  const { parts, caller, items, turns, newId, send, config } = surroundings;
  const routed = createRoutedAnswer(parts.takeTurn, parts.history);
  const composed = createComposedAnswer(parts, {
    model: caller.model,
    sector: caller.sector,
    openedAt: parts.nowIso(),
  });
  const idle = createFixedAnswer(idlePrompt);
  /** An adapter's version, or the base: what no sector stands for. */
  const pinned = caller.model !== "auto" && caller.model !== caller.sector;
  let wishes: ResponseWishes = {};
  let voice: string | undefined;
  let asksWhetherThere = false;
  let reply: Reply | undefined;
  let responseId: string | undefined;

  const prepared = async (wished: ResponseWishes, isAsked: boolean): Promise<AnswerQuestion> => {
    await turns.settled();
    await caller.requireKey();
    const left = isAsked ? await parts.admit?.(caller.caller, userOf(caller.caller, config())) : undefined;
    if (left !== undefined) send({ type: "rate_limits.updated", rate_limits: left });
    const heard = inputOf(wished, items, () => newId("item"));
    const { sessionId } = turns;
    return questionOf({ caller: caller.caller, config: config(), wishes: wished, items: heard, sessionId });
  };
  const answerTo =
    (wished: ResponseWishes): Answer =>
    (question, signal) =>
      (isPlain(question, wished, pinned && config().x_sector === caller.sector, surroundings.isReshaped())
        ? routed
        : composed)(question, signal);

  return {
    get responseId() {
      return responseId;
    },
    wish: (wished) => {
      const asked = wished.audio?.output?.voice;
      voice = asked === undefined ? undefined : voiceOf(asked, sessionFacts(parts));
      wishes = wished;
    },
    wishIdlePrompt: () => {
      asksWhetherThere = true;
    },
    start: (generation, utterance) => {
      const wished = wishes;
      const isAsked = !asksWhetherThere;
      const answer = isAsked ? answerTo(wished) : idle;
      wishes = {};
      asksWhetherThere = false;
      reply = startReply(
        {
          synthesizer: parts.speech.synthesizer,
          items,
          metrics: parts.metrics,
          tracing: parts.tracing,
          clock: parts.clock,
          logger: caller.logger,
          newId,
          send: (event) => {
            if (event.type === "response.created") responseId = event.response.id;
            if (event.type === "response.done") responseId = undefined;
            send(event);
          },
          synthesisLimitMs: parts.waits.synthesisMs,
          onAudio: surroundings.onAudio,
          onSound: () => surroundings.onSound(generation),
          onEnd: (turn) => {
            reply = undefined;
            if (turn !== undefined) turns.ended(turn);
            surroundings.onEnd(generation);
          },
        },
        {
          answer,
          prepare: () => prepared(wished, isAsked),
          terms: termsOf({ config: config(), wishes: wished }, voice ?? config().audio.output.voice),
          speed: config().audio.output.speed,
          utterance,
        },
      );
      voice = undefined;
    },
    mark: () => reply?.mark(),
    hold: (onsetAt) => reply?.hold(onsetAt),
    resume: () => reply?.resume(),
    stop: (reason) => reply?.stop(reason),
  };
}
