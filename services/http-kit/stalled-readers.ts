import type { Server, ServerResponse } from "node:http";

/**
 * Ends connections whose client takes nothing of a reply that is complete on our side: without it one that never reads would hold its reply
 * in memory for ever. What is still being written is watched by `untilTaken`. A slow reader that takes a little now and then is no such case:
 * the time begins anew with every byte the system hands on.
 */
export function endStalledReaders(server: Server, stalledMs: number, onStalled: () => void): void {
  server.on("request", (_request, response) => {
    response.once("prefinish", () => {
      if (!response.writableFinished) response.socket?.setTimeout(stalledMs);
    });
    response.on("timeout", (socket) => {
      onStalled();
      socket.destroy();
    });
  });
}

/** Until the reader has taken what was written, has left, or has taken nothing for `stalledMs` (0: however long), which ends it. */
export async function untilTaken(response: ServerResponse, stalledMs: number): Promise<void> {
  if (response.destroyed) return;
  const { socket } = response;
  // Under `inject` there is no real socket.
  const watched = stalledMs > 0 && typeof socket?.setTimeout === "function" ? socket : undefined;
  watched?.setTimeout(stalledMs);
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
  watched?.setTimeout(0);
}
