import type { WebSocket } from "ws";
import { InvalidApiKeyError } from "../../access/index.ts";
import type { PlatformError } from "../../foundation/index.ts";
import { renderErrorEvent } from "../events/index.ts";
import type { OpenVoiceSession, VoiceCaller, VoiceCloseReason, VoiceSession } from "../voice-session.ts";
import { SessionExpiredError } from "./errors.ts";
import type { WireProtocol } from "./protocol.ts";

export interface VoiceSocketLimits {
  /** A session ends after so long. */
  readonly maxSessionS: number;
  /** A client that has so much left to take is not reading: 16 s of spoken reply. */
  readonly maxBufferedBytes: number;
  /** One that gives no sign of life for so long is gone. */
  readonly silentMs: number;
}

export const usualSocketLimits = { maxBufferedBytes: 1_048_576, silentMs: 30_000 } as const;

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const closeCodes: Readonly<Record<VoiceCloseReason, number>> = {
  session_expired: 1000,
  shutting_down: 1001,
  reader_too_slow: 1008,
  too_many_events: 1008,
  key_ended: 1008,
  session_failed: 1011,
};

export interface VoiceSocket {
  /** Ends it from our side. */
  close(reason: VoiceCloseReason): void;
  /** Resolves when the connection is gone and its session is closed. */
  readonly ended: Promise<void>;
}

/** Joins a WebSocket to a session of its own, for as long as both last. */
export function joinSession(
  socket: WebSocket,
  protocol: WireProtocol,
  caller: VoiceCaller,
  parts: { readonly openSession: OpenVoiceSession; readonly limits: VoiceSocketLimits },
): VoiceSocket {
  const { limits } = parts;
  const { logger } = caller;
  const openedAt = performance.now();
  const received = { messages: 0, bytes: 0 };
  let session: VoiceSession | undefined;
  let closing = false;
  let alive = true;

  const send = (event: Parameters<WireProtocol["write"]>[0]): void => {
    if (closing) return;
    if (socket.bufferedAmount > limits.maxBufferedBytes) {
      close("reader_too_slow");
      return;
    }
    for (const message of protocol.write(event)) socket.send(message);
  };
  const refuse = (refusal: PlatformError, eventId: string | null = null): void =>
    send(renderErrorEvent(refusal, eventId));
  const close = (reason: VoiceCloseReason): void => {
    if (closing) return;
    closing = true;
    socket.close(closeCodes[reason], reason);
  };
  /** A session promises not to throw; should it break that, its own socket ends and no other. */
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (failure) {
      logger.error({ failure: String((failure as Error).stack ?? failure) }, "voice-session-failed");
      close("session_failed");
    }
  };

  /** A session lasts longer than a request: what ended its key ends it. */
  const requireKey = async (): Promise<void> => {
    try {
      await caller.requireKey();
    } catch (failure) {
      if (failure instanceof InvalidApiKeyError) {
        refuse(failure);
        close("key_ended");
      }
      throw failure;
    }
  };

  const heartbeat = setInterval(() => {
    if (!alive) socket.terminate();
    alive = false;
    if (socket.readyState !== socket.OPEN) return;
    socket.ping();
    // Keys that cannot be looked at are looked at again.
    requireKey().catch(() => {});
  }, limits.silentMs / 2).unref();
  const expiry = setTimeout(() => {
    refuse(new SessionExpiredError(limits.maxSessionS));
    close("session_expired");
  }, limits.maxSessionS * 1000).unref();

  socket.on("pong", () => {
    alive = true;
  });
  socket.on("message", (data, isBinary) => {
    alive = true;
    // Of the kind `nodebuffer`, as ws gives it unless told otherwise.
    const message = data as Buffer;
    received.messages++;
    received.bytes += message.byteLength;
    if (closing) return;
    guarded(() => {
      const said = protocol.read(message, isBinary);
      if ("refusal" in said) refuse(said.refusal, said.eventId);
      else if ("audio" in said) session?.handleAudio(said.audio);
      else for (const [at, event] of said.events.entries()) session?.handle(event, at === 0 ? message.byteLength : 0);
    });
  });
  // A broken frame, a message that is too large: ws closes with the right code by itself.
  socket.on("error", (fault) => logger.info({ fault: (fault as { code?: string }).code ?? "" }, "voice-socket-fault"));

  const ended = new Promise<void>((resolve) => {
    socket.once("close", (code, reason) => {
      closing = true;
      clearInterval(heartbeat);
      clearTimeout(expiry);
      const ms = Math.round(performance.now() - openedAt);
      // What the client gives as its reason may be anything: only ours are logged.
      const ours = reason.toString() in closeCodes ? reason.toString() : "";
      logger.info({ code, reason: ours, ms, ...received }, "voice-socket-end");
      const letGo = async (): Promise<void> => session?.close();
      letGo()
        .catch((failure: unknown) => logger.error({ failure: String(failure) }, "voice-session-close-failed"))
        .finally(resolve);
    });
  });
  guarded(() => {
    session = parts.openSession({ ...caller, requireKey }, { send, bufferedBytes: () => socket.bufferedAmount, close });
  });
  return { close, ended };
}
