import { type Logger, PlatformError } from "../../foundation/index.ts";
import type { Recognition } from "../recognizer.ts";
import { Reviving } from "../reviving.ts";
import { InferenceThread } from "./inference-thread.ts";
import type { WorkerStart } from "./worker-protocol.ts";

export interface InferenceHostOptions extends WorkerStart {
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  /** Longest wait for a model that is being loaded. */
  readonly loadTimeoutMs?: number;
  readonly logger: Logger;
  /** What the thread runs; tests have their own. */
  readonly workerFile?: URL;
}

type Model = "voice" | "ctc";

/**
 * The one thread of this process that runs ONNX models: several at once have crashed the runtime (microsoft/onnxruntime#24486).
 * It begins when somebody first needs it, loads a model when it is first asked for, and begins anew after it died.
 * Failures are plain errors here; whoever keeps a promise with it gives them their name.
 */
export class InferenceHost {
  readonly #options: InferenceHostOptions;
  readonly #thread: Reviving<InferenceThread>;
  /** What each life has loaded, or is loading. */
  readonly #loaded = new WeakMap<InferenceThread, Map<Model, Promise<unknown>>>();
  readonly #logged = new Set<string>();

  constructor(options: InferenceHostOptions) {
    this.#options = options;
    const { voiceModel, ctc, threads, workerFile } = options;
    this.#thread = new Reviving({
      open: async () => new InferenceThread({ voiceModel, ctc, threads }, workerFile),
      refusal: () => new Error("The inference worker is not available."),
    });
  }

  async load(model: Model): Promise<void> {
    await this.#ready(model);
  }

  /** @param samples whole frames; transferred */
  async feed(stream: number, samples: Float32Array): Promise<Float32Array> {
    const thread = await this.#ready("voice");
    return (await thread.call({ kind: "voice", stream, samples }, this.#options.timeoutMs)) as Float32Array;
  }

  /** What was heard of `stream` until now no longer counts. */
  forget(stream: number): void {
    if (this.#thread.living === undefined) return;
    // By the same way as what was fed before, so that it does not overtake it.
    void this.#ready("voice").then(
      (thread) => thread.tell({ kind: "forget", stream }),
      () => undefined,
    );
  }

  /** @param samples transferred */
  async recognize(samples: Float32Array): Promise<Recognition> {
    const thread = await this.#ready("ctc");
    return (await thread.call({ kind: "recognize", samples }, this.#options.timeoutMs)) as Recognition;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#thread.close();
  }

  async #ready(model: Model): Promise<InferenceThread> {
    const thread = await this.#thread.get();
    const models = this.#loaded.get(thread) ?? new Map<Model, Promise<unknown>>();
    this.#loaded.set(thread, models);
    const loading = models.get(model) ?? this.#load(model, thread);
    models.set(model, loading);
    try {
      await loading;
      return thread;
    } catch (failure) {
      // The next caller tries again: somebody may have put the file there by then.
      models.delete(model);
      throw failure;
    }
  }

  async #load(model: Model, thread: InferenceThread): Promise<void> {
    const { logger, loadTimeoutMs = 60_000 } = this.#options;
    const beganMs = performance.now();
    try {
      await thread.call({ kind: "load", what: model }, loadTimeoutMs);
      logger.info({ model, ms: Math.round(performance.now() - beganMs) }, "speech-model-loaded");
    } catch (failure) {
      this.#logOnce(model, failure);
      throw failure;
    }
  }

  #logOnce(model: Model, failure: unknown): void {
    const { message, cause } = failure as Error;
    if (this.#logged.has(message)) return;
    this.#logged.add(message);
    const why = cause instanceof Error ? cause.message : undefined;
    const cure = failure instanceof PlatformError ? failure.messageTr : undefined;
    this.#options.logger.warn({ model, failure: message, why, cure }, "speech-model-unusable");
  }
}
