import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../foundation/index.ts";
import { floatToInt16, recognizerSampleRate, WireDecoder, writeWav } from "../../speech/index.ts";
import type { SessionConfig } from "../events/index.ts";
import { joinSamples } from "./join-samples.ts";
import { wireFormat } from "./wire-format.ts";

export interface RecordingParts {
  /** "": nothing is ever recorded. */
  readonly folder: string;
  readonly nowIso: () => string;
  readonly logger: Logger;
}

/**
 * Both sides of a session as WAV files, 16 kHz mono, in the order they were said, beside `consent.json`: when the speaker agreed, and who it
 * was. Only where the settings name a folder and as long as the session says `x_record: true`.
 */
export interface Recording {
  caller(samples: Float32Array): void;
  /** Part of a reply, as it goes out. */
  reply(bytes: Uint8Array): void;
  replyEnded(): void;
  /** Resolves when all is written. Never rejects. */
  close(): Promise<void>;
}

/** Longest reply of which a recording is held, samples: 10 minutes. */
const mostReplySamples = 600 * recognizerSampleRate;

/** @param config the session as it is now */
export function createRecording({ folder, nowIso, logger }: RecordingParts, config: () => SessionConfig): Recording {
  let files = 0;
  let reply: { readonly decoder: WireDecoder; readonly pieces: Float32Array[]; length: number } | undefined;
  let writing: Promise<void> = Promise.resolve();

  const isWanted = (): boolean => folder !== "" && config().x_record;
  const write = (name: string, content: string | Uint8Array): void => {
    const place = join(folder, config().id);
    writing = writing.then(async () => {
      try {
        await mkdir(place, { recursive: true, mode: 0o700 });
        await writeFile(join(place, name), content, { mode: 0o600 });
      } catch (failure) {
        logger.warn({ failure: (failure as NodeJS.ErrnoException).code ?? "unknown" }, "voice-recording-failed");
      }
    });
  };
  const keep = (who: "caller" | "reply", samples: Float32Array): void => {
    if (files === 0) {
      const { id, x_user_id: userId, x_session_id: sessionId } = config();
      write(
        "consent.json",
        `${JSON.stringify({ session: id, userId, sessionId, agreedAt: nowIso() }, undefined, 2)}\n`,
      );
    }
    files++;
    write(`${String(files).padStart(4, "0")}-${who}.wav`, writeWav(floatToInt16(samples), recognizerSampleRate));
  };

  return {
    caller: (samples) => {
      if (isWanted()) keep("caller", samples);
    },
    reply: (bytes) => {
      if (!isWanted()) return;
      reply ??= {
        decoder: new WireDecoder(wireFormat(config().audio.output.format), recognizerSampleRate),
        pieces: [],
        length: 0,
      };
      if (reply.length > mostReplySamples) return;
      const samples = reply.decoder.push(bytes);
      reply.pieces.push(samples);
      reply.length += samples.length;
    },
    replyEnded: () => {
      const said = reply;
      reply = undefined;
      if (said === undefined) return;
      if (isWanted()) keep("reply", joinSamples(said.pieces));
    },
    close: () => writing,
  };
}
