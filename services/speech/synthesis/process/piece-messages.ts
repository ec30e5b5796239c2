import type { SpeechFault } from "../../speech-fault.ts";

/** Between a synthesiser and the process that does its work, over the process's IPC channel. One piece at a time. */

/** To the process. */
export interface PieceRequest {
  readonly id: number;
  readonly text: string;
  /** The engine's own word for it. */
  readonly voice: string;
  /** 0.25–4, 1 = the voice's own. */
  readonly speed: number;
  /** 0.5–2, 1 = the voice's own. */
  readonly pitch: number;
  /** 0–2, 1 = the voice's own. */
  readonly volume: number;
}

/** From the process: `ready` or `refused` once; then, for each piece, any number of `samples` and one `end` or `failed`. */
export type ProcessMessage =
  | { readonly type: "ready"; readonly sampleRate: number }
  | { readonly type: "refused"; readonly fault: SpeechFault }
  | { readonly type: "samples"; readonly id: number; readonly samples: Int16Array }
  | { readonly type: "end"; readonly id: number }
  | { readonly type: "failed"; readonly id: number };
