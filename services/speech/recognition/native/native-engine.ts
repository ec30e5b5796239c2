import { type Logger, PlatformError } from "../../../foundation/index.ts";
import { Reviving } from "../../reviving.ts";
import { launchProcess } from "../../synthesis/process/launch-process.ts";
import type { RecognitionEngine } from "../recognition-engine.ts";
import type { NativeStart } from "./native-messages.ts";
import { NativeProcess } from "./native-process.ts";

export interface NativeOptions {
  /** What to start; finding or downloading the model belongs to it. */
  readonly start: (closing: AbortSignal) => Promise<NativeStart>;
  readonly name: "whisper" | "sherpa";
  readonly partials: boolean;
  /** Longest recognition; then the process is killed. */
  readonly timeoutMs: number;
  /** Longest time from its start until it has its model; large ones take a while. */
  readonly startTimeoutMs?: number;
  readonly logger: Logger;
}

/** A recogniser in a process of its own: started when first needed, killed when it hangs, started again when it died. */
export function nativeEngine(options: NativeOptions): RecognitionEngine & { readonly pid: () => number | undefined } {
  const { start, name, partials, timeoutMs, startTimeoutMs = 120_000, logger } = options;
  const open = async (closing: AbortSignal): Promise<NativeProcess> => {
    const beganMs = performance.now();
    try {
      const child = launchProcess(new URL("./native-program.ts", import.meta.url), [
        JSON.stringify(await start(closing)),
      ]);
      const started = await NativeProcess.start(child, startTimeoutMs, closing);
      logger.info(
        { recognizer: name, pid: started.pid, ms: Math.round(performance.now() - beganMs) },
        "recognizer-ready",
      );
      return started;
    } catch (failure) {
      closing.throwIfAborted();
      const { message, cause } = failure as Error;
      const cure = failure instanceof PlatformError ? failure.messageTr : undefined;
      const why = cause instanceof Error ? cause.message : undefined;
      logger.warn({ recognizer: name, failure: message, why, cure }, "recognizer-unusable");
      throw failure;
    }
  };
  const life = new Reviving({ open, refusal: () => new Error("The recogniser's process is not available.") });
  return {
    name,
    partials,
    syntheticOnly: false,
    // The libraries take one utterance at a time, with all their threads.
    parallel: 1,
    pid: () => life.living?.pid,
    async ready() {
      await life.get();
    },
    async recognize(samples, recognition) {
      const living = await life.get();
      try {
        return await living.recognize(samples, recognition, timeoutMs);
      } catch (failure) {
        if (!living.alive) logger.warn({ recognizer: name, why: (failure as Error).message }, "recognizer-ended");
        throw failure;
      }
    },
    [Symbol.asyncDispose]: () => life.close(),
  };
}
