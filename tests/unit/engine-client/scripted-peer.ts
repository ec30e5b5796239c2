import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface AskedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Record<string, unknown>;
}

export type Answer = (call: AskedCall, response: ServerResponse) => unknown;

export interface ScriptedPeer extends AsyncDisposable {
  readonly url: string;
  /** Every call so far, in order. */
  readonly asked: readonly AskedCall[];
  /** Bodies of the calls to one path. */
  bodiesOf(path: string): readonly Record<string, unknown>[];
}

/**
 * A server that answers as another system's documentation says it does.
 * @param answers by "METHOD /path"; anything else gets FastAPI's 404
 */
export async function scriptedPeer(answers: Readonly<Record<string, Answer>>): Promise<ScriptedPeer> {
  const asked: AskedCall[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString("utf8");
    const path = request.url ?? "";
    const call = {
      method: request.method ?? "",
      path,
      headers: request.headers,
      body: text === "" ? {} : JSON.parse(text),
    };
    asked.push(call);
    const answer = answers[`${call.method} ${path}`];
    if (answer === undefined) json({ detail: "Not Found" }, 404)(call, response);
    else await answer(call, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    bodiesOf: (path) => asked.filter((call) => call.path === path).map(({ body }) => body),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_call, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
}

/** Server-sent events; the last is `[DONE]` unless `done` says otherwise. */
export function stream(events: readonly unknown[], done = true): Answer {
  return (_call, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end(done ? "data: [DONE]\n\n" : "");
  };
}

export const chatChunk = (delta: object, finish: string | null = null, more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});

export const usageChunk = (prompt: number, completion: number) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  choices: [],
  usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion },
});
