import type { ChildProcess } from "node:child_process";
import { errorOfFault } from "../../speech-fault.ts";
import type { ProcessMessage } from "./piece-messages.ts";

/** Characters kept of what a process writes before it is ready: libraries say there why a model is no good. */
const keptOutput = 1000;

/**
 * Waits for what a started process says first.
 * What it writes to standard error is kept until then and thrown away afterwards: there it may quote what it reads aloud.
 * @returns Hz of its samples
 * @throws {SpeechSetupError} it misses something
 * @throws {Error} it ended, could not be started, or said nothing within the limit
 */
export async function firstWord(child: ChildProcess, limitMs: number): Promise<number> {
  let output = "";
  const keep = (text: Buffer): void => {
    output = (output + text).slice(-keptOutput);
  };
  child.stderr?.on("data", keep);
  // Stays: a process that cannot be signalled or written to says so here, and its "exit" tells the rest.
  child.on("error", () => {});
  try {
    return await new Promise<number>((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        then();
      };
      const fail = (detail: string): void => settle(() => reject(new Error(`${detail} ${output}`.trim())));
      const timer = setTimeout(() => fail(`It said nothing for ${limitMs} ms.`), limitMs);
      const onExit = (code: number | null, signal: string | null): void => fail(`It ended with ${signal ?? code}.`);
      const onError = (failure: Error): void => fail(`It cannot be started: ${failure.message}.`);
      const onMessage = (word: unknown): void => {
        const message = word as ProcessMessage;
        if (message.type === "ready") settle(() => resolve(message.sampleRate));
        else if (message.type === "refused") settle(() => reject(errorOfFault(message.fault)));
      };
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
    });
  } finally {
    child.stderr?.off("data", keep).resume();
  }
}
