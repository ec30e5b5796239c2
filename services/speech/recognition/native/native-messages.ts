/** Between a native recogniser's process and the rest of the platform, over the process's IPC channel. */
import type { Recognition } from "../../recognizer.ts";
import type { SpeechFault } from "../../speech-fault.ts";

/** What the process is started for. */
export type NativeStart =
  | { readonly engine: "whisper"; readonly model: string; readonly threads: number; readonly package: string }
  | { readonly engine: "sherpa"; readonly folder: string; readonly kind: SherpaKind; readonly threads: number };

export type SherpaKind = "whisper" | "zipformer" | "nemo" | "omnilingual";

export interface NativeRequest {
  readonly id: number;
  /** Mono, 16 kHz, -1…1. */
  readonly samples: Float32Array;
  readonly language: string;
  readonly prompt: string;
  readonly partial: boolean;
}

export type NativeNews =
  | { readonly kind: "ready" }
  /** It cannot work, and ends. */
  | { readonly kind: "refused"; readonly fault: SpeechFault }
  | { readonly kind: "result"; readonly id: number; readonly recognition: Recognition }
  | { readonly kind: "failure"; readonly id: number; readonly fault: SpeechFault };

/** What a native library does in that process. What it has begun it ends: neither library can be stopped. */
export interface NativeEngine {
  recognize(request: NativeRequest): Promise<Recognition>;
}
