import { faultOf } from "../../speech-fault.ts";
import type { PieceRequest, ProcessMessage } from "./piece-messages.ts";

export interface PieceEngine {
  /** Hz. */
  readonly sampleRate: number;
  /** Speaks one piece; `emit` takes the samples as they come. May block this process: it has nothing else to do. */
  speak(piece: PieceRequest, emit: (samples: Int16Array) => void): void | Promise<void>;
}

/**
 * The other end of `SpeakingProcess`: loads an engine, says so, and speaks what is asked. Ends with its parent.
 * Signals meant for the whole terminal are the parent's to judge: it may still want a last sentence spoken.
 */
export async function servePieces(load: () => Promise<PieceEngine>): Promise<void> {
  process.once("disconnect", () => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  let engine: PieceEngine;
  try {
    engine = await load();
  } catch (failure) {
    send({ type: "refused", fault: faultOf(failure) }, () => process.exit(1));
    return;
  }
  process.on("message", async (piece: PieceRequest) => {
    const { id } = piece;
    try {
      await engine.speak(piece, (samples) => send({ type: "samples", id, samples }));
      send({ type: "end", id });
    } catch {
      // What went wrong may quote the text, which nobody writes down.
      send({ type: "failed", id });
    }
  });
  send({ type: "ready", sampleRate: engine.sampleRate });
}

function send(message: ProcessMessage, sent?: () => void): void {
  // Where the parent is gone, "disconnect" ends this process.
  process.send?.(message, undefined, undefined, () => sent?.());
}
