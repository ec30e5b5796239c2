import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";

export type VoiceMessage = Readonly<Record<string, unknown>> & { readonly type: string };

export interface VoiceClient {
  readonly socket: WebSocket;
  /** Everything that has come, oldest first; bytes as they are. */
  readonly received: readonly (VoiceMessage | Buffer)[];
  /** Waits for the first message of a type that nobody has waited for yet. */
  next(type: string): Promise<VoiceMessage>;
  send(message: object): void;
  /** Resolves with how the connection ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** A refusal before the upgrade, as HTTP. */
export class UpgradeRefused extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: NodeJS.Dict<string | string[]>;
  constructor(status: number, body: unknown, headers: NodeJS.Dict<string | string[]>) {
    super(`Refused with ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Connects and waits until it is open. @throws {UpgradeRefused} */
export async function connectVoice(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<VoiceClient> {
  const { protocols = [], ...others } = options;
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, ...others });
  const received: (VoiceMessage | Buffer)[] = [];
  const taken = new Set<unknown>();
  const waiting = new Set<() => void>();
  socket.on("message", (data, isBinary) => {
    received.push(isBinary ? (data as Buffer) : (JSON.parse(String(data)) as VoiceMessage));
    for (const look of waiting) look();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const refused = new Promise<never>((_resolve, reject) => {
    socket.once("unexpected-response", (_request, response) => {
      let text = "";
      response.on("data", (piece: Buffer) => {
        text += piece.toString();
      });
      response.on("end", () => {
        const body: unknown = text.startsWith("{") ? JSON.parse(text) : text;
        reject(new UpgradeRefused(response.statusCode ?? 0, body, response.headers));
      });
    });
    socket.once("error", reject);
  });
  await Promise.race([once(socket, "open"), refused]);
  return {
    socket,
    received,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    next: (type) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = received.find((one) => !Buffer.isBuffer(one) && one.type === type && !taken.has(one));
          if (found === undefined) return;
          taken.add(found);
          waiting.delete(look);
          resolve(found as VoiceMessage);
        };
        waiting.add(look);
        void closed.then(({ code, reason }) => {
          if (waiting.has(look)) reject(new Error(`Closed with ${code} ${reason} before "${type}" came.`));
        });
        look();
      }),
  };
}
