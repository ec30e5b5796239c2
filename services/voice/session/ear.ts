import type { VoiceMetrics } from "../../observability/index.ts";
import type { Recognizer, VoiceActivityStream } from "../../speech/index.ts";
import { renderErrorEvent, type ServerEvent, type SessionConfig } from "../events/index.ts";
import { silenceOf } from "./end-of-turn.ts";
import { AudioBufferFullError, AudioBufferTooSmallError } from "./errors.ts";
import { createHearing, type HeardAudio, type Hearing, type ListeningRules } from "./hearing.ts";
import type { Items } from "./items.ts";
import type { Said, Signal } from "./state.ts";
import { tellPartial, tellTranscript, tellTranscriptFailure } from "./tell-transcript.ts";
import type { FinalTranscript } from "./transcription.ts";
import type { UtteranceFacts } from "./turn-timer.ts";
import { createUtterance, type Utterance } from "./utterance.ts";
import type { VoiceClock } from "./voice-clock.ts";

export interface EarParts {
  readonly recognizer: Recognizer;
  /** Undefined: there is none, and the client says what is to be committed. */
  readonly activity: () => VoiceActivityStream | undefined;
  readonly items: Items;
  readonly metrics: VoiceMetrics;
  readonly clock: VoiceClock;
  readonly newId: (prefix: string) => string;
  readonly send: (event: ServerEvent) => void;
  readonly config: () => SessionConfig;
  /** Whether a reply sounds: our own voice may come back through the microphone. */
  readonly isReplySounding: () => boolean;
  /** Where `semantic_vad` says nothing of its own. */
  readonly defaults: { readonly threshold: number; readonly prefixPaddingMs: number };
  /** Longest wait for a final transcript, and for voice activity, ms. */
  readonly recognitionLimitMs: number;
  readonly queueDepth: () => number;
  readonly signal: (signal: Signal) => void;
  /** An utterance was understood; comes before its `transcript` signal. */
  readonly onUnderstood: (facts: UtteranceFacts, said: Said) => void;
  /** Audio of an utterance, for recordings. */
  readonly onUtterance: (audio: HeardAudio) => void;
}

/** What a caller says: heard, found, committed and written down. */
export interface Ear {
  readonly heardMs: number;
  /** When the speech that is heard now began, on the session's clock. */
  readonly onsetAt: number;
  readonly hear: Hearing["hear"];
  /** What was heard becomes an item. @throws {AudioBufferTooSmallError} */
  commit(): void;
  /** Nobody has said anything since then: the silence becomes an item. @param sinceMs of the audio heard */
  commitSilence(sinceMs: number): void;
  clear(): void;
  /** The words of audio that a client put into an item. */
  transcribe(itemId: string, samples: Float32Array<ArrayBuffer>): void;
  readonly setFormat: Hearing["setFormat"];
  /** Resolves when nothing is being recognised any more. */
  close(): Promise<void>;
}

/** While we speak, only what is clearly speech interrupts. */
const bargeInThreshold = 0.8;
const fewestCommitMs = 100;

export function createEar(parts: EarParts): Ear {
  const { clock, items, send, newId, signal } = parts;
  const isSyntheticOnly = parts.recognizer.syntheticOnly;
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  let current: Utterance | undefined;
  let latestItem = "";

  const interrupts = (): boolean => parts.config().audio.input.turn_detection?.interrupt_response ?? false;
  const isShown = (): boolean => parts.config().audio.input.transcription !== null;

  /** @param spokenMs how long it has been speech already */
  const begin = (spokenMs: number, itemId = newId("item")): Utterance =>
    createUtterance(
      itemId,
      spokenMs,
      {
        recognizer: parts.recognizer,
        transcription: parts.config().audio.input.transcription,
        source: parts.config().id,
        clock,
        limitMs: parts.recognitionLimitMs,
        onPartial: (delta, transcript) => {
          if (isShown()) tellPartial(itemId, { delta, text: transcript, syntheticOnly: isSyntheticOnly }, send);
          if (hasWords(transcript)) signal({ type: "words", interrupts: interrupts() });
        },
        onSurelySpeech: () => signal({ type: "words", interrupts: interrupts() }),
      },
      closing.signal,
    );

  const rules = (): ListeningRules | undefined => {
    const detection = parts.config().audio.input.turn_detection;
    if (detection === null) return undefined;
    const isServerVad = detection.type === "server_vad";
    const threshold = isServerVad ? detection.threshold : parts.defaults.threshold;
    return {
      threshold: parts.isReplySounding() ? Math.max(threshold, bargeInThreshold) : threshold,
      silenceMs: silenceOf(detection, current?.words ?? ""),
      prefixMs: isServerVad ? detection.prefix_padding_ms : parts.defaults.prefixPaddingMs,
    };
  };
  const hearing = createHearing(parts.config().audio.input.format, parts.activity, parts.recognitionLimitMs, {
    rules,
    onStart: (startMs, spokenMs) => {
      current = begin(spokenMs);
      send({ type: "input_audio_buffer.speech_started", audio_start_ms: startMs, item_id: current.itemId });
      signal({ type: "voice-start", interrupts: interrupts() });
    },
    onSpeech: (silentMs, spokenMs, read) => current?.hear(silentMs, spokenMs, read),
    onStop: (audio) => {
      const utterance = current ?? begin(audio.endMs - audio.startMs);
      send({ type: "input_audio_buffer.speech_stopped", audio_end_ms: audio.endMs, item_id: utterance.itemId });
      const { type, audio: wishes } = parts.config();
      add(utterance, audio, type === "realtime" && wishes.input.turn_detection?.create_response === true);
    },
    onDeaf: (failure) => send(renderErrorEvent(failure)),
    onFull: () => send(renderErrorEvent(new AudioBufferFullError())),
  });

  /** @param transcript null: not known yet */
  const addItem = (id: string, transcript: string | null): void => {
    send({ type: "input_audio_buffer.committed", item_id: id, previous_item_id: items.lastId });
    const content = [{ type: "input_audio", transcript }] as const;
    const { item, previousId } = items.add({ id, type: "message", role: "user", status: "completed", content });
    send({ type: "conversation.item.added", item, previous_item_id: previousId });
    send({ type: "conversation.item.done", item, previous_item_id: previousId });
  };
  /** What was said becomes an item, its words follow. */
  const add = (utterance: Utterance, audio: HeardAudio, replies: boolean): void => {
    current = undefined;
    addItem(utterance.itemId, null);
    parts.onUtterance(audio);
    understand(utterance, audio, replies);
  };
  const understand = (utterance: Utterance, audio: HeardAudio, replies: boolean): void => {
    latestItem = utterance.itemId;
    signal({ type: "voice-end" });
    const facts = {
      speechMs: audio.endMs - audio.startMs - audio.silentMs,
      silenceMs: audio.silentMs,
      endedAt: clock.nowMs() - audio.silentMs,
      queueDepth: parts.queueDepth(),
    };
    const work = utterance
      .final(audio)
      .then((final) => takeFinal(utterance, final, audio.startMs, facts))
      .catch((failure: unknown): Said => takeFailure(utterance.itemId, failure))
      .then((said) => {
        if (!closing.signal.aborted)
          signal({ type: "transcript", said, latest: latestItem === utterance.itemId, replies });
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
  const takeFinal = (
    utterance: Utterance,
    { recognition, tookMs }: FinalTranscript,
    startMs: number,
    facts: Pick<UtteranceFacts, "speechMs" | "silenceMs" | "endedAt" | "queueDepth">,
  ): Said => {
    closing.signal.throwIfAborted();
    const { itemId, partials, firstPartialMs } = utterance;
    const { text, confidence, words } = recognition;
    writeDown(items, itemId, text);
    const audioMs = facts.speechMs + facts.silenceMs;
    if (isShown()) {
      const told = { text, confidence, words, startMs, audioMs, syntheticOnly: isSyntheticOnly };
      tellTranscript(itemId, { ...told, delta: utterance.rest(text) }, send);
    }
    const said: Said = hasWords(text) ? "words" : "nothing";
    const times = { transcribedAt: clock.nowMs(), recognizedMs: tookMs, firstPartialMs };
    parts.onUnderstood({ ...facts, ...times, confidence, partials }, said);
    return said;
  };
  const takeFailure = (itemId: string, failure: unknown): Said => {
    if (!closing.signal.aborted) tellTranscriptFailure(itemId, failure, send);
    return "unknown";
  };

  return {
    get heardMs() {
      return hearing.heardMs;
    },
    get onsetAt() {
      return current?.onsetAt ?? clock.nowMs();
    },
    hear: hearing.hear,
    setFormat: hearing.setFormat,
    commit: () => {
      const bufferedMs = hearing.bufferedMs;
      if (bufferedMs < fewestCommitMs) throw new AudioBufferTooSmallError(bufferedMs, fewestCommitMs);
      const audio = hearing.take();
      add(current ?? begin(audio.endMs - audio.startMs), audio, false);
    },
    commitSilence: (sinceMs) => {
      const itemId = newId("item");
      const times = { audio_start_ms: sinceMs, audio_end_ms: hearing.heardMs };
      send({ type: "input_audio_buffer.timeout_triggered", ...times, item_id: itemId });
      addItem(itemId, "");
      hearing.forget();
    },
    clear: () => {
      hearing.forget();
      const dropped = current;
      current = undefined;
      dropped?.abandon();
      send({ type: "input_audio_buffer.cleared" });
      if (dropped !== undefined) signal({ type: "voice-dropped" });
    },
    transcribe: (itemId, samples) => {
      const endMs = Math.round(samples.length / 16);
      const audio = { samples, startMs: 0, endMs, spokenFrames: 0, silentMs: 0 };
      understand(begin(0, itemId), audio, false);
    },
    close: async () => {
      closing.abort(new DOMException("The session has ended.", "AbortError"));
      current?.abandon();
      hearing.close();
      await Promise.allSettled([...underWay]);
    },
  };
}

/** A cough makes a letter, not a word. */
function hasWords(transcript: string): boolean {
  return /\p{L}{2,}/u.test(transcript);
}

function writeDown(items: Items, id: string, transcript: string): void {
  if (!items.has(id)) return;
  const item = items.get(id);
  if (item.type !== "message" || item.role !== "user") return;
  const content = item.content.map((part) => (part.type === "input_audio" ? { type: part.type, transcript } : part));
  items.replace({ ...item, content });
}
