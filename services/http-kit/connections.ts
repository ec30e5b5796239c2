import type { Server } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Lets a server close as soon as its replies are sent. Node ends the connections that are idle when closing begins, but would wait for two
 * kinds more: those over which no request has come yet (browsers open some in advance), and those whose reply ends later and which are then
 * kept alive. Connections that were handed over speak something else than HTTP by now, and end with whoever took them.
 */
export function endConnectionsOnClose(server: Server): {
  /** Closing begins. */
  end(): void;
  handOver(socket: Duplex): void;
} {
  const unused = new Set<Duplex>();
  const met = new WeakSet<Duplex>();
  let closing = false;
  server.on("connection", (socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    // A connection that was put back comes a second time.
    if (!met.has(socket)) socket.once("close", () => unused.delete(socket));
    met.add(socket);
    unused.add(socket);
  });
  server.on("request", ({ socket }, response) => {
    unused.delete(socket);
    response.once("finish", () => {
      if (closing) socket.end();
    });
  });
  return {
    end: () => {
      closing = true;
      for (const socket of unused) socket.destroy();
    },
    handOver: (socket) => void unused.delete(socket),
  };
}
