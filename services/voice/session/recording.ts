import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, storable } from "../../foundation/index.ts";
import { floatToInt16, recognizerSampleRate, WireDecoder, type WireFormat, writeWav } from "../../speech/index.ts";
import type { SessionConfig } from "../events/index.ts";
import { joinSamples } from "./join-samples.ts";

export interface RecordingParts {
  /** "": nothing is ever recorded. */
  readonly folder: string;
  readonly nowIso: () => string;
  readonly logger: Logger;
  /** Whose voice it is, as far as that is known by now. */
  readonly owner: () => RecordingOwner;
}

export interface RecordingOwner {
  readonly userId: string | undefined;
  /** Of the stored conversation. */
  readonly sessionId: string | undefined;
}

/**
 * Both sides of a session as WAV files, 16 kHz mono, in the order they were said, beside `consent.json`: when the speaker agreed, and who it
 * was, so that it can be erased. Only where the settings name a folder and as long as the session says `x_record: true`.
 */
export interface Recording {
  /** What the session wants, or whose it is, may have changed. */
  follow(): void;
  caller(samples: Float32Array): void;
  /** Part of a reply, as it goes out; of one format from beginning to end. */
  reply(bytes: Uint8Array, wire: WireFormat): void;
  replyEnded(): void;
  /** Resolves when all is written. Never rejects. */
  close(): Promise<void>;
}

/** Longest reply of which a recording is held, samples: 10 minutes. */
const mostReplySamples = 600 * recognizerSampleRate;

/** @param config the session as it is now */
export function createRecording(
  { folder, nowIso, logger, owner }: RecordingParts,
  config: () => SessionConfig,
): Recording {
  let files = 0;
  let agreedAt: string | undefined;
  /** Everybody whose name the session had while it was recorded, and every conversation: each of them may ask for its end. */
  const userIds = new Set<string>();
  const sessionIds = new Set<string>();
  let reply: { readonly decoder: WireDecoder; readonly pieces: Float32Array[]; length: number } | undefined;
  let writing: Promise<void> = Promise.resolve();

  const isWanted = (): boolean => folder !== "" && config().x_record;
  const place = (): string => join(folder, config().id);
  const inTurn = (work: () => Promise<void>): void => {
    writing = writing.then(work).catch((failure: NodeJS.ErrnoException) => {
      logger.warn({ failure: failure.code ?? "unknown" }, "voice-recording-failed");
    });
  };
  /** Whole or not at all: whoever erases reads it at any time. */
  const writeConsent = async (): Promise<void> => {
    const consent = { session: config().id, userIds: [...userIds], sessionIds: [...sessionIds], agreedAt };
    const beside = join(place(), "consent.json.new");
    await writeFile(beside, `${JSON.stringify(consent, undefined, 2)}\n`, { mode: 0o600 });
    await rename(beside, join(place(), "consent.json"));
  };
  const follow = (): void => {
    if (files === 0 && !isWanted()) return;
    agreedAt ??= nowIso();
    const { userId, sessionId } = owner();
    const known = userIds.size + sessionIds.size;
    // As they are kept elsewhere, for whoever erases compares.
    if (userId !== undefined) userIds.add(storable(userId));
    if (sessionId !== undefined) sessionIds.add(storable(sessionId));
    if (files > 0 && userIds.size + sessionIds.size > known) inTurn(() => writeConsent().catch(unlessErased));
  };
  const keep = (who: "caller" | "reply", samples: Float32Array): void => {
    follow();
    files++;
    const name = `${String(files).padStart(4, "0")}-${who}.wav`;
    inTurn(async () => {
      await mkdir(place(), { recursive: true, mode: 0o700 });
      // With every file: what was recorded so far may have been erased with its consent.
      await writeConsent();
      await writeFile(join(place(), name), writeWav(floatToInt16(samples), recognizerSampleRate), { mode: 0o600 });
    });
  };

  return {
    follow,
    caller: (samples) => {
      if (isWanted()) keep("caller", samples);
    },
    reply: (bytes, wire) => {
      if (!isWanted()) return;
      reply ??= {
        decoder: new WireDecoder(wire, recognizerSampleRate),
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

function unlessErased(failure: NodeJS.ErrnoException): void {
  if (failure.code !== "ENOENT") throw failure;
}
