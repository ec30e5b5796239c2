/** What the inference worker and the rest of the process say to each other. */
import type { Recognition } from "../recognizer.ts";
import type { SpeechFault } from "../speech-fault.ts";

/** The embedded recogniser's files. */
export interface CtcFiles {
  /** ONNX: `x` [1, samples] with mean 0 and variance 1 → `logits` [1, frames, symbols]. */
  readonly model: string;
  /** One symbol and its number a line. */
  readonly tokens: string;
  /** The n-gram model of the beam. */
  readonly languageModel: string;
}

export interface WorkerStart {
  /** Silero v6, ONNX. */
  readonly voiceModel: string;
  readonly ctc: CtcFiles;
  /** Threads inside one run of a model, ≥ 1. */
  readonly threads: number;
}

export type WorkerCall =
  | { readonly kind: "load"; readonly id: number; readonly what: "voice" | "ctc" }
  /** A whole number of frames of one stream; an unknown stream begins. */
  | { readonly kind: "voice"; readonly id: number; readonly stream: number; readonly samples: Float32Array }
  | { readonly kind: "recognize"; readonly id: number; readonly samples: Float32Array };

/** Asked without an answer. */
export type WorkerNotice = { readonly kind: "forget"; readonly stream: number };

export type WorkerValue = Float32Array | Recognition | undefined;

export type WorkerNews =
  | { readonly kind: "result"; readonly id: number; readonly value: WorkerValue }
  | { readonly kind: "failure"; readonly id: number; readonly fault: SpeechFault };
