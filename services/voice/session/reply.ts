import { noTimings, noUsage } from "../../conversation/index.ts";
import { renderOpenAiError } from "../../dialect/index.ts";
import type { Logger } from "../../foundation/index.ts";
import { asPlatformError } from "../../http-kit/index.ts";
import type { Tracing, VoiceMetrics, VoiceOutcome } from "../../observability/index.ts";
import { normalizeForSpeech, type Synthesizer, type WireFormat } from "../../speech/index.ts";
import type { ServerEvent } from "../events/index.ts";
import type { Answer, AnswerEvent, AnswerOpening, AnswerQuestion } from "./answer.ts";
import type { Items } from "./items.ts";
import { openReplyOutput, plainOutput } from "./reply-output.ts";
import {
  endOf,
  openResponse,
  type ResponseEnd,
  type ResponseEnvelope,
  type ResponseTerms,
} from "./response-envelope.ts";
import { createSpeechTrack, type SpeechTrack } from "./speech-track.ts";
import type { SpokenTurn } from "./spoken-turn.ts";
import { tellOpening, tellSources } from "./tell-turn.ts";
import { nothingMade, startTurnTimer, type UtteranceFacts } from "./turn-timer.ts";
import { startTurnTrace } from "./turn-trace.ts";
import type { VoiceClock } from "./voice-clock.ts";
import { wireFormat } from "./wire-format.ts";

export interface ReplyParts {
  readonly synthesizer: Synthesizer;
  readonly items: Items;
  readonly metrics: VoiceMetrics;
  readonly tracing: Tracing | undefined;
  readonly clock: VoiceClock;
  readonly logger: Logger;
  readonly newId: (prefix: string) => string;
  readonly send: (event: ServerEvent) => void;
  /** Longest wait for the synthesiser's next samples, ms. */
  readonly synthesisLimitMs: number;
  /** Audio as it is sent; of Opus, the samples in its packets. */
  readonly onAudio: (bytes: Uint8Array, wire: WireFormat) => void;
  /** The first of it goes out. */
  readonly onSound: () => void;
  /** The turn is over, however it ended; nothing more comes. */
  readonly onEnd: (turn: SpokenTurn | undefined) => void;
}

export interface ReplyTask {
  readonly answer: Answer;
  /** Resolves when the turn may begin: the one before is kept, and the caller has not asked too much. @throws why it may not */
  readonly prepare: () => Promise<AnswerQuestion>;
  readonly terms: ResponseTerms;
  /** 0.25–4. */
  readonly speed: number;
  /** What was said; undefined: nothing was, the client asked. */
  readonly utterance: UtteranceFacts | undefined;
}

/** One reply under way. Its methods take effect at once and may be called at any time. */
export interface Reply {
  /** Stops sending; the response ends as cancelled, the model goes on for the case that nobody meant to interrupt. */
  hold(onsetAt: number): void;
  /** Goes on where it was held, as a response of its own. */
  resume(): void;
  /** The item that is being spoken learns how far it has come, so that it can be truncated. */
  mark(): void;
  /** Ends model and speech; what was heard stays. */
  stop(reason: "turn_detected" | "client_cancelled"): void;
}

export function startReply(parts: ReplyParts, task: ReplyTask): Reply {
  const { clock, items, send, newId } = parts;
  const begunAt = clock.nowMs();
  const stopping = new AbortController();
  const timer = startTurnTimer(task.utterance, clock.nowMs, parts.metrics);
  const trace = startTurnTrace(parts.tracing, task.utterance, stopping.signal, clock.nowMs);
  const isSpoken = task.terms.output_modalities[0] === "audio";
  /** What came while held: it is said on resuming. */
  const postponed: (() => void)[] = [];
  let question: AnswerQuestion | undefined;
  let opening: AnswerOpening | undefined;
  let firstTextMs: number | undefined;
  let answered: Extract<AnswerEvent, { type: "end" }> | undefined;
  /** In the responses that were held, and in those before the last of them. */
  let heardBefore = "";
  let heardEarlier = "";
  let held = false;
  let over = false;

  const open = (metadata: ResponseTerms["metadata"]): ResponseEnvelope =>
    openResponse({
      id: newId("resp"),
      terms: { ...task.terms, metadata },
      items,
      newItemId: () => newId("item"),
      send,
    });
  let envelope = open(task.terms.metadata);
  const { id } = envelope;
  let output = plainOutput;
  const track = isSpoken ? openTrack() : undefined;

  function sendAudio(messages: readonly Uint8Array[], ms: number): void {
    timer.audio(
      messages.reduce((sum, { length }) => sum + length, 0),
      ms,
    );
    for (const message of messages) envelope.sendAudio(message);
  }

  function openTrack(): SpeechTrack {
    const { format, voice } = task.terms.audio.output;
    const wire = wireFormat(format);
    const opened = createSpeechTrack({
      synthesizer: parts.synthesizer,
      format: wire,
      clock,
      limitMs: parts.synthesisLimitMs,
      utterance: (text) => ({ text: normalizeForSpeech(text), voice, speed: task.speed }),
      onText: (text) => envelope.sendTranscript(text),
      onAudio: (bytes, ms) => {
        sendAudio(output.push(bytes), ms);
        parts.onAudio(bytes, wire);
        parts.onSound();
      },
    });
    opened.spoken.then(
      () => {
        if (over) return;
        const rest = output.flush();
        if (rest.length > 0) sendAudio(rest, 0);
        finish(endOf(answered?.reason ?? "stop"), "completed", "ok");
      },
      (failure: unknown) => fail(failure),
    );
    return opened;
  }

  const say = (work: () => void): void => {
    if (held) postponed.push(work);
    else work();
  };
  const take = (event: AnswerEvent): void => {
    switch (event.type) {
      case "opening":
        opening = event.opening;
        timer.routed();
        trace.opened(event.opening);
        tellOpening(id, event.opening, send);
        return;
      case "text-delta":
        timer.token();
        firstTextMs ??= clock.nowMs() - begunAt;
        if (track !== undefined) track.say(event.text);
        else
          say(() => {
            parts.onSound();
            envelope.sendText(event.text);
          });
        return;
      case "tool-call":
        timer.token();
        say(() => envelope.sendToolCall(event.call));
        return;
      case "end":
        answered = event;
        tellSources(id, event.sources, send);
        if (track !== undefined) track.finish();
        else say(() => finish(endOf(event.reason), "completed", "ok"));
    }
  };
  const run = async (): Promise<void> => {
    question = await task.prepare();
    stopping.signal.throwIfAborted();
    if (isSpoken) output = await openReplyOutput(task.terms.audio.output.format);
    if (over) output[Symbol.dispose]();
    stopping.signal.throwIfAborted();
    for await (const event of task.answer(question, stopping.signal)) {
      if (over) return;
      take(event);
    }
  };

  /** What is heard of the response that is open; the client may correct it for as long as its item is there. */
  const heardNow = (): string => {
    if (track === undefined) return envelope.text;
    const { messageId } = envelope;
    const played = track.played;
    if (messageId !== undefined) items.spoke(messageId, played.segments);
    return played.heard;
  };
  const turnOf = (outcome: string, heard: string): SpokenTurn | undefined =>
    opening === undefined || question === undefined
      ? undefined
      : {
          id,
          opening,
          outcome,
          message: question.message,
          heard: heard.trim(),
          lastItem: envelope.messageId === undefined ? undefined : { id: envelope.messageId, before: heardEarlier },
          owner: question.owner,
          userId: question.userId,
          sessionId: question.sessionId,
          totalMs: clock.nowMs() - begunAt,
          firstTextMs,
          // A model that was cut off says no figures; what was heard of it stands in the row all the same.
          answer: answered ?? (heard === "" ? undefined : { usage: noUsage, timings: noTimings }),
        };
  const finish = (end: ResponseEnd, how: VoiceOutcome, outcome: string, heard?: string): void => {
    if (over) return;
    over = true;
    // Whole replies are heard whole: what is still on its way will be played.
    if (heard === undefined) {
      heardNow();
      heardEarlier = heardBefore;
    }
    const said = heard ?? `${heardBefore}${envelope.text}`;
    envelope.end(end, answered?.usage ?? null);
    const metrics = timer.end(how, track?.made ?? nothingMade);
    send({ type: "x.metrics", response_id: id, metrics });
    trace.ended(how, outcome, metrics);
    track?.stop();
    output[Symbol.dispose]();
    stopping.abort();
    parts.onEnd(task.terms.conversation_id === null ? undefined : turnOf(outcome, said));
  };
  const fail = (failure: unknown): void => {
    if (over) return;
    const error = asPlatformError(failure);
    if (error.status >= 500)
      parts.logger.warn({ code: error.code, cause: String(error.cause ?? "") }, "voice-reply-failed");
    const { type, code } = renderOpenAiError(error).error;
    finish({ status: "failed", error: { type, code } }, "failed", error.code, `${heardBefore}${heardNow()}`);
  };
  /** Ends the response that is open with what was heard of it. */
  const cut = (reason: "turn_detected" | "client_cancelled"): void => {
    const { messageId } = envelope;
    const played = track?.hold();
    output.drop();
    if (messageId !== undefined && played !== undefined) items.spoke(messageId, played.segments);
    heardEarlier = heardBefore;
    heardBefore += played?.heard ?? envelope.text;
    envelope.end({ status: "cancelled", reason }, answered?.usage ?? null);
    if (messageId === undefined || played === undefined || !items.has(messageId)) return;
    const audioEndMs = Math.floor(played.ms);
    items.truncate(messageId, audioEndMs);
    send({ type: "conversation.item.truncated", item_id: messageId, content_index: 0, audio_end_ms: audioEndMs });
  };

  run().catch(fail);
  return {
    mark: () => {
      if (!over && !held) heardNow();
    },
    hold: (onsetAt) => {
      if (over || held) return;
      held = true;
      timer.interrupted(onsetAt);
      cut("turn_detected");
    },
    resume: () => {
      if (over || !held) return;
      held = false;
      envelope = open({ ...task.terms.metadata, x_resumes: id });
      for (const work of postponed.splice(0)) work();
      track?.resume();
    },
    stop: (reason) => {
      if (over) return;
      if (!held) cut(reason);
      const how = reason === "turn_detected" ? "interrupted" : "cancelled";
      finish({ status: "cancelled", reason }, how, "interrupted", heardBefore);
    },
  };
}
