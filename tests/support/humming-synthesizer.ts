import type { Logger } from "../../services/foundation/index.ts";
import { launchProcess } from "../../services/speech/synthesis/process/launch-process.ts";
import {
  ProcessSynthesizer,
  type ProcessSynthesizerOptions,
} from "../../services/speech/synthesis/process/process-synthesizer.ts";
import { createVoiceTable } from "../../services/speech/synthesis/voice-table.ts";

export interface LoggedEvent {
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A synthesiser over `speaking-child.ts`, with what it logged. @param mood the child's argument */
export function hummingSynthesizer(mood = "", options: Partial<ProcessSynthesizerOptions> = {}) {
  const logged: LoggedEvent[] = [];
  const write = (facts: object, event: string): void => {
    logged.push({ event, facts: facts as LoggedEvent["facts"] });
  };
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  const synthesizer = new ProcessSynthesizer({
    name: "humming",
    launch: () => launchProcess(new URL("./speaking-child", import.meta.url), [mood]),
    startTimeoutMs: 30_000,
    pieceTimeoutMs: 15_000,
    timeoutMs: 15_000,
    voices: createVoiceTable([
      { name: "kalın", id: "low" },
      { name: "ince", id: "high" },
    ]),
    sampleRate: 16_000,
    queueLimit: 64,
    addPauses: false,
    log,
    nowMs: () => performance.now(),
    ...options,
  });
  return { synthesizer, logged };
}
