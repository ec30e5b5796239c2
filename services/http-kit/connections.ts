import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Lets a server close as soon as its replies are sent. Node ends the connections that are idle when closing begins, but would wait for two
 * kinds more: those over which no request has come yet (browsers open some in advance), and those whose reply ends later and which are then
 * kept alive.
 * @returns to be called when closing begins
 */
export function endConnectionsOnClose(server: Server): () => void {
  const unused = new Set<Socket>();
  let closing = false;
  server.on("connection", (socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    unused.delete(socket);
    response.once("finish", () => {
      if (closing) socket.end();
    });
  });
  return () => {
    closing = true;
    for (const socket of unused) socket.destroy();
  };
}
