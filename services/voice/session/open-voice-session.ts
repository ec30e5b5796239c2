import type { PlatformError } from "../../foundation/index.ts";
import { asPlatformError } from "../../http-kit/index.ts";
import type { VoiceActivityStream } from "../../speech/index.ts";
import { renderErrorEvent, type ServerEvent, type SessionConfig, type SessionPatch } from "../events/index.ts";
import type { OpenVoiceSession, VoiceCaller, VoiceOutput, VoiceSession } from "../voice-session.ts";
import { type ClientEvents, createClientEvents } from "./client-events.ts";
import { createEar, type Ear } from "./ear.ts";
import { NoActiveResponseError, ResponseActiveError } from "./errors.ts";
import { createIdleWatch, type IdleWatch } from "./idle-watch.ts";
import { createItems } from "./items.ts";
import { createMouth, type Mouth } from "./mouth.ts";
import type { VoiceSessionParts } from "./parts.ts";
import { requireReady, speechReadiness } from "./readiness.ts";
import { createRecording, type Recording } from "./recording.ts";
import { userOf } from "./reply-task.ts";
import { createSerialQueue, type SerialQueue } from "./serial-queue.ts";
import { changedSession, firstSession, sessionFacts, withoutMissing } from "./session-changes.ts";
import { createSpokenTurns, type SpokenTurns } from "./spoken-turn.ts";
import { type Effect, initialState, type Said, type Signal, step } from "./state.ts";
import { nothingMade, startTurnTimer, type UtteranceFacts } from "./turn-timer.ts";

/** Events that may wait, and the bytes they may hold: five minutes of audio, in small pieces a minute of it. */
const queueBounds = { most: 4096, mostBytes: 16_777_216 };
/** An interruption in which nobody has said a word for so long was none, ms. */
const falseAlarmMs = 2000;

/** Spoken sessions on these parts. */
export function createVoiceSessions(parts: VoiceSessionParts): OpenVoiceSession {
  return (caller, output) => new SpokenSession(parts, caller, output);
}

/**
 * One spoken session: an ear, a mouth, and the rule book (state.ts) between them. Whatever happens comes here as a signal, and what is to be
 * done about it is done here.
 */
class SpokenSession implements VoiceSession {
  readonly #parts: VoiceSessionParts;
  readonly #caller: VoiceCaller;
  readonly #output: VoiceOutput;
  readonly #queue: SerialQueue;
  readonly #ear: Ear;
  readonly #mouth: Mouth;
  readonly #turns: SpokenTurns;
  readonly #idle: IdleWatch;
  readonly #recording: Recording;
  readonly #events: ClientEvents;
  readonly #leaving = new AbortController();
  #config: SessionConfig;
  #state = initialState;
  #activity: VoiceActivityStream | undefined;
  /** The newest utterance that no reply has taken up. */
  #understood: UtteranceFacts | undefined;
  /** The client changed what was said before. */
  #reshaped = false;
  #callOffAlarm: () => void = () => {};
  /** Of the client's event that is being dealt with. */
  #eventId: string | null = null;
  #closing: Promise<void> | undefined;

  constructor(parts: VoiceSessionParts, caller: VoiceCaller, output: VoiceOutput) {
    this.#parts = parts;
    this.#caller = caller;
    this.#output = output;
    const { clock, metrics, nowIso } = parts;
    const { logger } = caller;
    const newId = (prefix: string): string => `${prefix}_${parts.newId().replaceAll("-", "")}`;
    const send = (event: ServerEvent): void => this.#send(event);
    const config = (): SessionConfig => this.#config;
    this.#config = firstSession(parts, caller, newId("sess"));
    const items = createItems(() => newId("item"));
    this.#queue = createSerialQueue(queueBounds, (thrown) => this.#tellError(asPlatformError(thrown), this.#eventId));
    this.#turns = createSpokenTurns({
      keepTurn: parts.keepTurn,
      requests: parts.requests,
      clock,
      nowIso,
      logger,
      onKept: () => this.#recording.follow(),
    });
    const owner = () => ({ userId: userOf(caller.caller, this.#config), sessionId: this.#turns.sessionId });
    this.#recording = createRecording({ folder: parts.recordingFolder, nowIso, logger, owner }, config);
    this.#ear = createEar({
      recognizer: parts.speech.recognizer,
      activity: () => this.#activity,
      items,
      metrics,
      clock,
      newId,
      send,
      config,
      isReplySounding: () => this.#state.mouth === "speaking",
      defaults: parts.turnDetection,
      recognitionLimitMs: parts.waits.recognitionMs,
      queueDepth: () => this.#queue.depth,
      signal: (signal) => this.#dispatch(signal),
      onUnderstood: (facts, said) => this.#takeUnderstood(facts, said),
      onUtterance: ({ samples }) => this.#recording.caller(samples),
    });
    this.#mouth = createMouth({
      parts,
      caller,
      items,
      turns: this.#turns,
      newId,
      send,
      config,
      isReshaped: () => this.#reshaped,
      onAudio: (bytes, wire) => this.#recording.reply(bytes, wire),
      onSound: (generation) => this.#dispatch({ type: "reply-sounds", generation }),
      onEnd: (generation) => {
        this.#recording.replyEnded();
        this.#dispatch({ type: "reply-ended", generation });
        if (!this.#state.closed) this.#idle.replyEnded();
      },
    });
    this.#idle = createIdleWatch({
      clock,
      idleMs: () => {
        const detection = this.#config.audio.input.turn_detection;
        return detection?.type === "server_vad" ? detection.idle_timeout_ms : null;
      },
      heardMs: () => this.#ear.heardMs,
      isQuiet: () => this.#state.mouth === "silent" && this.#state.ear === "listening",
      ask: (sinceMs) => {
        this.#ear.commitSilence(sinceMs);
        this.#mouth.wishIdlePrompt();
        this.#dispatch({ type: "reply-asked" });
      },
    });
    this.#events = createClientEvents({
      items,
      turns: this.#turns,
      ear: this.#ear,
      mouth: this.#mouth,
      newId,
      send,
      config,
      limits: parts.limits,
      dispatch: (signal) => this.#dispatch(signal),
      update: (patch) => this.#update(patch),
      onReshaped: () => {
        this.#reshaped = true;
      },
    });
    metrics.connected();
    this.#take(0, null, () => this.#begin());
  }

  handle(event: Parameters<VoiceSession["handle"]>[0], bytes: number): void {
    const eventId = event.event_id ?? null;
    if (event.type === "input_audio_buffer.append") this.#hear(event.audio, eventId);
    else this.#take(bytes, eventId, () => this.#events.take(event));
  }

  handleAudio(bytes: Uint8Array): void {
    this.#hear(bytes, null);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** What might be refused, a sample cut in two or no packet, is heard by itself: it is told of its own event. */
  #hear(bytes: Uint8Array, eventId: string | null): void {
    if (bytes.length % 2 === 1 || this.#config.audio.input.format.type === "audio/opus") {
      this.#take(bytes.length, eventId, () => this.#events.hear([bytes]));
      return;
    }
    const taken = this.#queue.pushSound(bytes, (sounds) => {
      this.#eventId = null;
      return this.#events.hear(sounds);
    });
    if (!taken) this.#output.close("too_many_events");
  }

  #take(bytes: number, eventId: string | null, work: () => Promise<void> | void): void {
    const taken = this.#queue.push(bytes, () => {
      this.#eventId = eventId;
      return work();
    });
    if (!taken) this.#output.close("too_many_events");
  }

  /** Whatever speech is missing, the session is opened: it lives on in writing. */
  async #begin(): Promise<void> {
    const { speech, waits } = this.#parts;
    const missing = await speechReadiness(speech, waits.readyMs, this.#leaving.signal);
    if (this.#state.closed) return;
    if (missing.voiceActivity === undefined) this.#activity = speech.voiceActivity.open();
    this.#config = withoutMissing(this.#config, missing);
    this.#send({ type: "session.created", session: this.#config });
    for (const error of [missing.recognizer, missing.synthesizer, missing.voiceActivity])
      if (error !== undefined) this.#tellError(error);
  }

  async #update(patch: SessionPatch): Promise<void> {
    const before = this.#config;
    const changed = changedSession(before, patch, {
      facts: sessionFacts(this.#parts),
      sectors: this.#parts.sectors,
      caller: this.#caller.caller,
    });
    const isListening = this.#activity !== undefined;
    const hasCome = await requireReady(patch, this.#parts, isListening, this.#leaving.signal);
    // A turn that has just ended belongs to the conversation before.
    if (patch.x_session_id !== undefined) await this.#turns.settled();
    if (this.#state.closed) return;
    if (hasCome) this.#activity = this.#parts.speech.voiceActivity.open();
    this.#config = changed;
    if (changed.audio.input.format !== before.audio.input.format) this.#ear.setFormat(changed.audio.input.format);
    if (patch.x_session_id !== undefined) this.#turns.continue(patch.x_session_id);
    this.#recording.follow();
    this.#send({ type: "session.updated", session: changed });
  }

  #takeUnderstood(facts: UtteranceFacts, said: Said): void {
    if (said === "words" && this.#config.type === "realtime") {
      this.#understood = facts;
      this.#idle.answered();
      return;
    }
    const { clock, metrics } = this.#parts;
    const timer = startTurnTimer(facts, clock.nowMs, metrics);
    this.#send({ type: "x.metrics", response_id: null, metrics: timer.end("unanswered", nothingMade) });
  }

  #dispatch(signal: Signal): void {
    const wasHeld = this.#state.mouth === "held";
    const { state, effects } = step(this.#state, signal);
    this.#state = state;
    if (wasHeld && state.mouth !== "held") this.#callOffAlarm();
    if (signal.type === "voice-start") this.#idle.voiceBegan();
    if (!state.closed && isNothing(signal)) this.#idle.nothingSaid();
    try {
      for (const effect of effects) this.#perform(effect);
    } catch (thrown) {
      // Ours to mend, and nobody's above us: a timer or a promise may have brought the signal.
      this.#caller.logger.error({ failure: String(thrown) }, "voice-session-failed");
      this.#output.close("session_failed");
    }
  }

  #perform(effect: Effect): void {
    switch (effect) {
      case "start-reply":
        this.#startReply();
        break;
      case "hold-reply":
        this.#callOffAlarm = this.#parts.clock.after(falseAlarmMs, () => this.#dispatch({ type: "false-alarm" }));
        this.#mouth.hold(this.#ear.onsetAt);
        break;
      case "resume-reply":
        this.#mouth.resume();
        break;
      case "cut-reply":
        this.#mouth.stop("turn_detected");
        break;
      case "cancel-reply":
      case "end":
        this.#mouth.stop("client_cancelled");
        break;
      case "refuse-reply":
        // They were of this one: the caller's next turn is none of its business.
        this.#mouth.wish({});
        this.#tellError(new ResponseActiveError(), this.#eventId);
        break;
      case "refuse-cancel":
        this.#tellError(new NoActiveResponseError(), this.#eventId);
    }
  }

  #startReply(): void {
    const utterance = this.#understood;
    this.#understood = undefined;
    this.#idle.replyBegan();
    this.#mouth.start(this.#state.generation, utterance);
  }

  #send(event: ServerEvent): void {
    if (!this.#state.closed) this.#output.send(event);
  }

  #tellError(error: PlatformError, eventId: string | null = null): void {
    if (error.status >= 500)
      this.#caller.logger.warn({ code: error.code, cause: String(error.cause ?? "") }, "voice-event-failed");
    this.#send(renderErrorEvent(error, eventId));
  }

  async #close(): Promise<void> {
    this.#parts.metrics.disconnected();
    this.#leaving.abort(new DOMException("The session has ended.", "AbortError"));
    this.#idle.close();
    this.#dispatch({ type: "close" });
    this.#callOffAlarm();
    await Promise.all([this.#queue.close(), this.#ear.close()]);
    await this.#turns.settled();
    await this.#recording.close();
  }
}

/** What was heard comes to no words that could be answered. */
function isNothing(signal: Signal): boolean {
  return signal.type === "voice-dropped" || (signal.type === "transcript" && signal.said !== "words");
}
