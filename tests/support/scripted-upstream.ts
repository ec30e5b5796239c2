import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a proxy finds behind it: answers as the test says, and remembers what it was asked. */
export interface ScriptedUpstream extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly server: Server;
  /** Oldest first. */
  readonly requests: readonly IncomingMessage[];
  /** Ends at once, as a killed process does: connections break, new ones are refused. */
  kill(): Promise<void>;
  /** Takes no new connections; what is under way goes on. */
  leave(): void;
}

export const ok: RequestListener = (request, response) => {
  request.resume().once("end", () => response.setHeader("content-type", "application/json").end("{}"));
};

export async function startUpstream(answer: RequestListener = ok): Promise<ScriptedUpstream> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const kill = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    requests,
    kill,
    leave: () => void server.close(),
    [Symbol.asyncDispose]: kill,
  };
}
