import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SpeechRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers a request for speech in its own way; undefined: it hums. */
export type SpeechAnswer = (request: SpeechRequest, response: ServerResponse) => void;

const bytesPerCharacter = 480;

/** A server with OpenAI's `/v1/audio/speech` that hums at 24 kHz, 10 ms a character, in pieces of odd length. */
export async function startSpeechServer() {
  const requests: SpeechRequest[] = [];
  const answers: SpeechAnswer[] = [];
  const server = createServer(async (request, response) => {
    const asked: SpeechRequest = {
      path: request.url ?? "",
      authorization: request.headers.authorization,
      body: await readJson(request),
    };
    requests.push(asked);
    const answer = answers.shift() ?? (asked.path === "/v1/audio/speech" ? hum : models);
    answer(asked, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    /** The next request is answered so. */
    answerNext: (answer: SpeechAnswer) => answers.push(answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const models: SpeechAnswer = (_request, response) => response.end('{"object":"list","data":[]}');

const hum: SpeechAnswer = ({ body }, response) => {
  const { input, voice, speed = 1 } = body as { input: string; voice: string; speed?: number };
  if (voice.includes(" ")) {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: "No such voice.", param: "voice", code: "voice_unknown" } }));
    return;
  }
  const bytes = Buffer.alloc(2 * Math.round((input.length * bytesPerCharacter) / 2 / speed));
  for (let at = 0; at < bytes.length / 2; at++) bytes.writeInt16LE(Math.round(8000 * Math.sin(at / 17)), 2 * at);
  response.writeHead(200, { "content-type": "audio/pcm" });
  sendInPieces(response, bytes, 4801);
};

/** One piece a turn of the loop, so that they arrive as they were cut. */
export function sendInPieces(response: ServerResponse, bytes: Buffer, size: number): void {
  const sendFrom = (from: number): void => {
    if (from >= bytes.length) response.end();
    else response.write(bytes.subarray(from, from + size), () => setImmediate(sendFrom, from + size));
  };
  sendFrom(0);
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}
