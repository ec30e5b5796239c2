import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { orAbort, pause, within } from "../../../foundation/index.ts";
import type { Recognition, RecognitionOptions } from "../../recognizer.ts";
import type { Living } from "../../reviving.ts";
import { errorOfFault } from "../../speech-fault.ts";
import type { NativeNews, NativeRequest } from "./native-messages.ts";

interface Pending {
  readonly resolve: (recognition: Recognition) => void;
  readonly reject: (failure: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Characters kept of what a process writes before it is ready: libraries say there why a model is no good. */
const keptOutput = 1000;
/** Until a process that was asked to end is killed. */
const endLimitMs = 2000;

/** One life of a native recogniser's process. A call that is not answered in time ends it. */
export class NativeProcess implements Living {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #gone: Promise<unknown>;
  #ready: { readonly resolve: () => void; readonly reject: (failure: Error) => void } | undefined;
  #output = "";
  #lastId = 0;
  #death: Error | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = once(child, "exit").catch(() => undefined);
    child.on("message", (news: NativeNews) => this.#hear(news));
    child.on("error", (failure) => this.#die(failure));
    child.on("exit", (code, signal) =>
      this.#die(new Error(`It ended with ${signal ?? `status ${code}`}. ${this.#output}`)),
    );
    child.stderr?.on("data", (text: Buffer) => {
      // Later on it could quote what it hears, which nobody writes down.
      if (this.#ready !== undefined) this.#output = (this.#output + text).slice(-keptOutput);
    });
  }

  /** @throws what the process says it lacks; that it ended, or said nothing within `limitMs`; the signal's reason */
  static async start(child: ChildProcess, limitMs: number, signal: AbortSignal): Promise<NativeProcess> {
    const started = new NativeProcess(child);
    const ready = new Promise<void>((resolve, reject) => {
      started.#ready = { resolve, reject };
    });
    try {
      await within(
        limitMs,
        orAbort(ready, signal),
        () => new Error(`It was not ready within ${limitMs} ms. ${started.#output}`),
      );
      return started;
    } catch (failure) {
      await started.end();
      throw failure;
    } finally {
      started.#ready = undefined;
    }
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws what the process says; that it died; that it did not answer within `timeoutMs`, and was killed */
  recognize(
    samples: Float32Array,
    { language = "tr", prompt = "", partial = false }: RecognitionOptions,
    timeoutMs: number,
  ): Promise<Recognition> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    const id = ++this.#lastId;
    return new Promise<Recognition>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#die(new Error(`No answer within ${timeoutMs} ms.`));
        this.#child.kill("SIGKILL");
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#send({ id, samples, language, prompt, partial });
    });
  }

  async end(): Promise<void> {
    this.#die(new Error("The recogniser was closed."));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    this.#child.kill("SIGTERM");
    const kill = new AbortController();
    void pause(endLimitMs, kill.signal).then((late) => late && this.#child.kill("SIGKILL"));
    await this.#gone;
    kill.abort();
  }

  #send(request: NativeRequest): void {
    // A process that cannot be written to is ending: its exit says so.
    if (this.#child.connected) this.#child.send(request, () => undefined);
  }

  #hear(news: NativeNews): void {
    if (news.kind === "ready") this.#ready?.resolve();
    else if (news.kind === "refused") this.#ready?.reject(errorOfFault(news.fault));
    else {
      const pending = this.#pending.get(news.id);
      this.#pending.delete(news.id);
      clearTimeout(pending?.timer);
      if (news.kind === "result") pending?.resolve(news.recognition);
      else pending?.reject(errorOfFault(news.fault));
    }
  }

  #die(cause: Error): void {
    this.#death ??= cause;
    this.#ready?.reject(cause);
    const unanswered = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject, timer } of unanswered) {
      clearTimeout(timer);
      reject(cause);
    }
  }
}
