import type { ChildProcess } from "node:child_process";
import type { Logger } from "../../../foundation/index.ts";
import { SynthesizerUnavailableError } from "../../errors.ts";
import type { Living } from "../../reviving.ts";
import { firstWord } from "./first-word.ts";
import type { PieceRequest, ProcessMessage } from "./piece-messages.ts";

export interface SpeakingProcessOptions {
  /** What logs call it. */
  readonly name: string;
  readonly launch: () => ChildProcess;
  readonly startTimeoutMs: number;
  /** Longest silence of a process that was asked to speak; after that it hangs and is killed. */
  readonly pieceTimeoutMs: number;
  readonly log: Logger;
}

interface PieceInFlight {
  readonly id: number;
  readonly onSamples: (samples: Int16Array) => void;
  readonly settle: (failure?: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** @param onEnd it ended after all was well, and was not told to @throws {Error} it cannot work, and is gone */
export async function openSpeakingProcess(
  options: SpeakingProcessOptions,
  onEnd: () => void,
): Promise<SpeakingProcess> {
  const { name, launch, startTimeoutMs, log } = options;
  const startedAtMs = performance.now();
  const child = launch();
  try {
    const sampleRate = await firstWord(child, startTimeoutMs);
    const ms = Math.round(performance.now() - startedAtMs);
    log.info({ synthesizer: name, pid: child.pid, sampleRate, ms }, "synthesizer-serves");
    return new SpeakingProcess(child, sampleRate, options, onEnd);
  } catch (failure) {
    child.kill("SIGKILL");
    throw failure;
  }
}

/** One life of a process that speaks, one piece at a time. */
export class SpeakingProcess implements Living {
  /** Hz. */
  readonly sampleRate: number;
  readonly #child: ChildProcess;
  readonly #options: SpeakingProcessOptions;
  readonly #ended: Promise<void>;
  #inFlight: PieceInFlight | undefined;
  #pieces = 0;
  #alive = true;

  constructor(child: ChildProcess, sampleRate: number, options: SpeakingProcessOptions, onEnd: () => void) {
    this.#child = child;
    this.sampleRate = sampleRate;
    this.#options = options;
    child.on("message", (message) => this.#hear(message as ProcessMessage));
    // Without its channel it is deaf; it ends by itself unless it hangs.
    child.once("disconnect", () => child.kill("SIGKILL"));
    this.#ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        const wanted = !this.#alive;
        this.#alive = false;
        this.#inFlight?.settle(new SynthesizerUnavailableError());
        resolve();
        if (wanted) return;
        options.log.warn({ synthesizer: options.name, code, signal }, "synthesizer-ended");
        onEnd();
      });
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Only one at a time.
   * @throws {SynthesizerUnavailableError} the process failed, crashed or was silent for too long
   */
  speak(piece: Omit<PieceRequest, "id">, onSamples: (samples: Int16Array) => void): Promise<void> {
    if (!this.#child.connected) return Promise.reject(new SynthesizerUnavailableError());
    return new Promise((resolve, reject) => {
      const id = ++this.#pieces;
      const timer = setTimeout(() => this.#giveUp(), this.#options.pieceTimeoutMs);
      const settle = (failure?: Error): void => {
        clearTimeout(timer);
        this.#inFlight = undefined;
        if (failure === undefined) resolve();
        else reject(failure);
      };
      this.#inFlight = { id, onSamples, settle, timer };
      // Where it cannot be sent the process is ending, and its end settles the piece.
      this.#child.send({ id, ...piece } satisfies PieceRequest, () => {});
    });
  }

  async end(): Promise<void> {
    this.#alive = false;
    // It has nothing to put away.
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #giveUp(): void {
    this.#options.log.warn({ synthesizer: this.#options.name, pid: this.pid }, "synthesizer-hangs");
    this.#child.kill("SIGKILL");
  }

  #hear(message: ProcessMessage): void {
    const piece = this.#inFlight;
    if (piece === undefined || !("id" in message) || message.id !== piece.id) return;
    if (message.type === "samples") {
      piece.timer.refresh();
      piece.onSamples(message.samples);
    } else piece.settle(message.type === "failed" ? new SynthesizerUnavailableError() : undefined);
  }
}
