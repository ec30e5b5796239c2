import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TranscriptionRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** The recording: a WAV. */
  readonly file: Uint8Array;
}

export interface TranscriptionAnswer {
  readonly status?: number;
  /** An object is sent as JSON. */
  readonly body: object | string;
}

type Script = (
  request: TranscriptionRequest,
  connection: { request: IncomingMessage; response: ServerResponse },
) => TranscriptionAnswer | undefined | Promise<TranscriptionAnswer | undefined>;

/** An OpenAI-compatible transcription server on loopback that answers as its script says; undefined: the script has answered itself, or never will. */
export async function startTranscriptionServer(script: Script) {
  const requests: TranscriptionRequest[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const headers = { "content-type": request.headers["content-type"] ?? "" };
    const form = await new Response(Buffer.concat(pieces), { headers }).formData();
    const fields: Record<string, string[]> = {};
    let file = new Uint8Array();
    for (const [name, value] of form) {
      if (typeof value === "string") fields[name] = [...(fields[name] ?? []), value];
      else file = new Uint8Array(await value.arrayBuffer());
    }
    const asked = { path: request.url ?? "", authorization: request.headers.authorization, fields, file };
    requests.push(asked);
    const answer = await script(asked, { request, response });
    if (answer === undefined) return;
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
