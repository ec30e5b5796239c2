import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type WebSocket, WebSocketServer } from "ws";
import { takeSubprotocolKey } from "./subprotocol-key.ts";

export interface Upgrades {
  /** Takes a server's upgrades. @param place the app's address of what was asked for; the same unless told */
  takeFrom(server: Server, place?: (url: string) => string): void;
  /** Whether a request is one that wants to be a WebSocket. */
  isUpgrade(request: FastifyRequest): boolean;
  /**
   * Makes a WebSocket of a request that has come through the app; its reply is done with that.
   * @returns undefined: the client has left, or its handshake is not in order and was answered so
   */
  accept(request: FastifyRequest, reply: FastifyReply): WebSocket | undefined;
}

interface Waiting {
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Ends the connection once a refusal is sent. */
  readonly onRefused: () => void;
}

/** How long a client may take to answer a close. */
const closeMs = 2_000;

/**
 * Sends requests for a WebSocket through the app like any other: request id, key, scope, limits, schema, errors and metrics are the app's, and
 * a refusal is an HTTP reply before anything is upgraded.
 * @param maxMessageBytes a larger message ends its WebSocket with 1009
 */
export function createUpgrades(app: FastifyInstance, maxMessageBytes: number): Upgrades {
  const waiting = new WeakMap<IncomingMessage, Waiting>();
  const options = {
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessageBytes,
    closeTimeout: closeMs,
    // Base64 and speech do not compress enough to pay for it, and each connection would hold its own window.
    perMessageDeflate: false,
    handleProtocols: (offered: Set<string>) => (offered.has("realtime") ? "realtime" : (false as const)),
  };
  const sockets = new WebSocketServer(options);

  const throughApp = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    takeSubprotocolKey(request);
    // Node has let go of the socket; an error nobody listens to would end the process.
    socket.on("error", () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    const onRefused = (): void => void socket.end();
    response.once("finish", onRefused);
    waiting.set(request, { socket, head, onRefused });
    app.routing(request, response);
  };

  return {
    takeFrom: (server, place = (url) => url) => {
      server.on("upgrade", (request, socket, head) => {
        const { method, headers, url = "/" } = request;
        if (method !== "GET" || headers.upgrade?.toLowerCase() !== "websocket") {
          asPlainRequest(server, request, socket, head);
          return;
        }
        request.url = place(url);
        throughApp(request, socket, head);
      });
    },
    isUpgrade: ({ raw }) => waiting.has(raw),
    accept: ({ raw, server }, reply) => {
      const upgrade = waiting.get(raw);
      if (upgrade === undefined) throw new Error("Only a request that wants to be a WebSocket can be made one.");
      waiting.delete(raw);
      reply.hijack();
      const { socket, head, onRefused } = upgrade;
      reply.raw.off("finish", onRefused).detachSocket(socket as Socket);
      server.handOver(socket);
      let accepted: WebSocket | undefined;
      sockets.handleUpgrade(raw, socket, head, (opened) => {
        accepted = opened;
      });
      // For metrics and the log the request ends here, answered; how long the WebSocket lasts is another matter.
      reply.raw.statusCode = accepted === undefined ? 400 : 101;
      reply.raw.emit("finish");
      return accepted;
    },
  };
}

/**
 * Once a server knows one kind of upgrade Node gives it all of them, with the body unread. Those to HTTP/2, which some clients offer with every
 * request, are requests like others: they are put back without the offer.
 */
function asPlainRequest(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = "", value = ""] = rawHeaders.slice(i, i + 2);
    if (/^(upgrade|http2-settings)$/i.test(name)) continue;
    const kept = /^connection$/i.test(name) ? value.replace(/\b(upgrade|http2-settings)\b\s*,?/gi, "").trim() : value;
    if (kept !== "" || value === "") lines.push(`${name}: ${kept}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}
