import type { Logger } from "../../../foundation/index.ts";
import type { Synthesizer } from "../../synthesizer.ts";
import { createOffSynthesizer } from "../off-synthesizer.ts";
import { launchProcess } from "../process/launch-process.ts";
import { ProcessSynthesizer } from "../process/process-synthesizer.ts";
import { readSherpaFolder, type SherpaFolder } from "./sherpa-folder.ts";

export interface SherpaSynthesizerOptions {
  /** Folder with a Piper or VITS voice. */
  readonly folder: string;
  readonly threads: number;
  /** Utterances that may wait for their first sound. */
  readonly queueLimit: number;
  /** Longest wait for the first samples of an utterance, and for one piece of it. */
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly nowMs: () => number;
}

/** A voice of a hundred megabytes from a slow disk. */
const startTimeoutMs = 60_000;

/**
 * A Piper or VITS voice through sherpa-onnx, in a process of its own; it knows no pitch. The folder is looked at now, the model
 * loaded when it is first needed. Without a usable folder every call is refused with what is wrong.
 */
export function createSherpaSynthesizer(options: SherpaSynthesizerOptions): Synthesizer {
  let found: SherpaFolder;
  try {
    found = readSherpaFolder(options.folder, options.threads);
  } catch (failure) {
    const detail = failure instanceof Error ? failure.message : String(failure);
    options.log.warn({ synthesizer: "sherpa", detail }, "synthesizer-unavailable");
    return createOffSynthesizer("sherpa", failure);
  }
  return new ProcessSynthesizer({
    ...options,
    name: "sherpa",
    launch: () => launchProcess(new URL("./sherpa-process.ts", import.meta.url), [JSON.stringify(found.config)]),
    startTimeoutMs,
    pieceTimeoutMs: options.timeoutMs,
    voices: found.voices,
    sampleRate: found.sampleRate,
    addPauses: false,
  });
}
