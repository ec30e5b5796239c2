import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { createOpenSockets } from "./open-sockets.ts";
import { createUpgrades } from "./upgrades.ts";
import { type VoiceParts, voiceRoutes } from "./voice-routes.ts";

export interface VoiceTransport {
  /**
   * Listens on a port for voice alone, where `/` is `/v1/realtime`; it closes with the app.
   * @returns its URL @throws {Error} as Node's `listen` does, such as EADDRINUSE
   */
  listen(place: { readonly host: string; readonly port: number }): Promise<string>;
}

const place = "/v1/realtime";

/** Adds voice to an app that has its hooks and is not ready yet; what holds for the app's requests holds for sockets. */
export async function addVoice(app: FastifyInstance, parts: VoiceParts): Promise<VoiceTransport> {
  const { maxMessageBytes } = parts.settings.voice;
  const upgrades = createUpgrades(app, maxMessageBytes);
  const open = createOpenSockets();
  const servers: Server[] = [];
  upgrades.takeFrom(app.server);
  app.addHook("preClose", async () => {
    for (const server of servers) server.close();
    await open.closeAll();
    for (const server of servers) server.closeAllConnections();
  });
  await app.register(voiceRoutes, { parts, upgrades, open, prefix: "/v1" });

  return {
    listen: async ({ host, port }) => {
      await app.ready();
      const { requestTimeoutMs, headersTimeoutMs } = parts.settings.http;
      const server = createServer({
        requestTimeout: requestTimeoutMs,
        headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      });
      upgrades.takeFrom(server, (url) => url.replace(/^\/(?=$|\?)/, place));
      // Who wants no WebSocket is told by the app what this address is for.
      server.on("request", (request, response) => {
        Object.assign(request, { url: place, method: "GET" });
        response.shouldKeepAlive = false;
        app.routing(request, response);
      });
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port }, resolve);
      });
      servers.push(server);
      const { address, family, port: taken } = server.address() as AddressInfo;
      return `ws://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
    },
  };
}
