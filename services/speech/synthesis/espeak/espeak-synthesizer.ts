import type { Logger } from "../../../foundation/index.ts";
import { launchProcess } from "../process/launch-process.ts";
import { ProcessSynthesizer } from "../process/process-synthesizer.ts";
import { espeakVoices } from "./espeak-voices.ts";

export interface EspeakSynthesizerOptions {
  /** Utterances that may wait for their first sound. */
  readonly queueLimit: number;
  /** Longest wait for the first samples of an utterance. */
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** Default: the package this project names as an optional dependency. */
  readonly packageName?: string;
}

/** It takes half a second, on a machine that is overloaded ten. Callers wait no longer than they like; the next finds it. */
const startTimeoutMs = 60_000;
/** A piece takes a few hundredths of a second. Shorter than callers wait, so that those behind a hanging process are served by the next. */
const longestPieceMs = 5_000;

/** espeak-ng in a process of its own: 22 050 Hz, Turkish, robotic, quick. Nothing is started before it is needed. */
export function createEspeakSynthesizer(options: EspeakSynthesizerOptions): ProcessSynthesizer {
  const { packageName, timeoutMs } = options;
  return new ProcessSynthesizer({
    ...options,
    name: "embedded",
    launch: () =>
      launchProcess(new URL("./espeak-process.ts", import.meta.url), packageName === undefined ? [] : [packageName]),
    startTimeoutMs,
    pieceTimeoutMs: Math.min(longestPieceMs, timeoutMs),
    voices: espeakVoices,
    sampleRate: 22_050,
    addPauses: true,
  });
}
