import { orAbort, within } from "../../../foundation/index.ts";
import { SynthesizerUnavailableError } from "../../errors.ts";
import { Reviving } from "../../reviving.ts";
import type { Synthesizer, Utterance } from "../../synthesizer.ts";
import { splitIntoPieces } from "../pieces.ts";
import type { VoiceTable } from "../voice-table.ts";
import { PieceTurns } from "./piece-turns.ts";
import { openSpeakingProcess, type SpeakingProcess, type SpeakingProcessOptions } from "./speaking-process.ts";
import { SpokenLine } from "./spoken-line.ts";

export interface ProcessSynthesizerOptions extends SpeakingProcessOptions {
  readonly voices: VoiceTable;
  /** Hz, until the process says it itself. */
  readonly sampleRate: number;
  /** Utterances that may wait for their first sound. */
  readonly queueLimit: number;
  /** Longest wait for the process, and for the next samples of an utterance. */
  readonly timeoutMs: number;
  /** The engine ends a piece without a pause, so the one its punctuation asks for is added. */
  readonly addPauses: boolean;
  readonly nowMs: () => number;
}

/** An utterance with this much unread sound wants no more for now. */
const enoughAheadMs = 2000;

/**
 * Speaks in a process of its own, which is started when it is first needed and again when it crashes or hangs.
 * Utterances take turns piece by piece, so that many callers share it fairly. Giving up is immediate on this side:
 * the piece being spoken is finished and never heard.
 */
export class ProcessSynthesizer implements Synthesizer {
  readonly name: string;
  readonly voices: readonly string[];
  readonly #options: ProcessSynthesizerOptions;
  readonly #process: Reviving<SpeakingProcess>;
  readonly #turns: PieceTurns;
  #sampleRate: number;
  #speaking = false;
  #lastComplaint = "";

  constructor(options: ProcessSynthesizerOptions) {
    this.#options = options;
    this.name = options.name;
    this.voices = options.voices.names;
    this.#sampleRate = options.sampleRate;
    this.#turns = new PieceTurns(options.queueLimit);
    this.#process = new Reviving({
      open: () => this.#open(),
      refusal: () => new SynthesizerUnavailableError(),
      nowMs: options.nowMs,
    });
  }

  /** Hz; certain once it is ready. */
  get sampleRate(): number {
    return this.#sampleRate;
  }

  /** Of the process that lives now. */
  get pid(): number | undefined {
    return this.#process.living?.pid;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await within(
      this.#options.timeoutMs,
      orAbort(this.#process.get(), signal),
      () => new SynthesizerUnavailableError(),
    );
  }

  async *synthesize(utterance: Utterance, signal: AbortSignal): AsyncGenerator<Int16Array, void, void> {
    signal.throwIfAborted();
    const line = new SpokenLine(splitIntoPieces(utterance.text), {
      voice: this.#options.voices.idOf(utterance.voice),
      speed: clamp(utterance.speed ?? 1, 0.25, 4),
      pitch: clamp(utterance.pitch ?? 1, 0.5, 2),
      volume: clamp(utterance.volume ?? 1, 0, 2),
    });
    try {
      for (;;) {
        this.#wantPiece(line);
        const samples = await line.read(this.#options.timeoutMs, signal);
        if (samples === undefined) return;
        yield samples;
      }
    } finally {
      line.leave();
      this.#turns.remove(line);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.close();
  }

  async #open(): Promise<SpeakingProcess> {
    try {
      // Started again at once, so that the next caller finds it; perhaps nobody waits for it.
      const living = await openSpeakingProcess(this.#options, () => void this.#process.get().catch(() => {}));
      this.#sampleRate = living.sampleRate;
      this.#lastComplaint = "";
      return living;
    } catch (failure) {
      this.#complainOnce(failure);
      throw new SynthesizerUnavailableError(failure);
    }
  }

  #wantPiece(line: SpokenLine): void {
    const unreadMs = (line.unreadSamples / this.#sampleRate) * 1000;
    if (unreadMs >= enoughAheadMs || !line.wantsPiece || this.#turns.has(line)) return;
    this.#turns.add(line, this.#options.nowMs() + unreadMs);
    void this.#speakInTurns();
  }

  /** One piece after the other for as long as anybody wants one. */
  async #speakInTurns(): Promise<void> {
    if (this.#speaking) return;
    this.#speaking = true;
    for (let line = this.#turns.take(); line !== undefined; line = this.#turns.take()) {
      try {
        // Its start has a limit of its own, and every reader too.
        await this.#speakPiece(line, await this.#process.get());
      } catch (failure) {
        line.fail(failure as Error);
      }
    }
    this.#speaking = false;
  }

  async #speakPiece(line: SpokenLine, living: SpeakingProcess): Promise<void> {
    const piece = line.takePiece();
    if (piece === undefined) return;
    await living.speak({ text: piece.text, ...line.delivery }, (samples) => line.push(samples));
    const pauseMs = this.#options.addPauses ? piece.pauseMs / line.delivery.speed : 0;
    line.push(new Int16Array(Math.round((pauseMs / 1000) * living.sampleRate)));
    line.pieceEnded();
    this.#wantPiece(line);
  }

  /** The same reason is written down once, however many callers meet it. */
  #complainOnce(failure: unknown): void {
    const detail = failure instanceof Error ? failure.message : String(failure);
    if (detail === this.#lastComplaint) return;
    this.#lastComplaint = detail;
    this.#options.log.warn({ synthesizer: this.name, detail }, "synthesizer-unavailable");
  }
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
