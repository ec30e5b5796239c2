import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  SpeechQueueFullError,
  SpeechSetupError,
  SynthesizerUnavailableError,
  VoiceUnknownError,
} from "../../../../services/speech/errors.ts";
import {
  HttpSynthesizer,
  type HttpSynthesizerOptions,
} from "../../../../services/speech/synthesis/http/http-synthesizer.ts";
import { wholeSamples } from "../../../../services/speech/synthesis/http/whole-samples.ts";
import { describeSynthesizer, spoken } from "../../../conformance/synthesizer.conformance.ts";
import { startSpeechServer } from "../../../support/speech-server.ts";

let server: Awaited<ReturnType<typeof startSpeechServer>>;
const opened: HttpSynthesizer[] = [];
const open = (options: Partial<HttpSynthesizerOptions> = {}): HttpSynthesizer => {
  const synthesizer = new HttpSynthesizer({
    url: server.url,
    token: "secret",
    model: "tts-1",
    voice: "",
    queueLimit: 64,
    timeoutMs: 10_000,
    ...options,
  });
  opened.push(synthesizer);
  return synthesizer;
};
beforeAll(async () => {
  server = await startSpeechServer();
});
afterAll(async () => {
  for (const synthesizer of opened) await synthesizer[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describeSynthesizer("HttpSynthesizer: conformance", {
  open: async () => {
    opened[0] ??= open();
    return opened[0];
  },
  tolerance: 0,
});

describe("HttpSynthesizer", () => {
  const failureOf = (synthesizer: HttpSynthesizer, signal?: AbortSignal) =>
    spoken(synthesizer, { text: "merhaba" }, signal).then(
      () => undefined,
      (failure) => failure,
    );

  it("asks for bare samples with the model, the token and the voice of the settings", async () => {
    await spoken(open({ voice: "tr_TR-dfki" }), { text: "merhaba", pitch: 1.2 });
    expect(server.requests.at(-1)).toEqual({
      path: "/v1/audio/speech",
      authorization: "Bearer secret",
      body: { model: "tts-1", input: "merhaba", voice: "tr_TR-dfki", response_format: "pcm" },
    });
  });

  it("finds the address with /v1 or without, and sends no empty token", async () => {
    const bare = server.url.replace(/\/v1$/, "");
    for (const url of [bare, `${bare}/`, `${bare}/v1/`]) {
      expect(await spoken(open({ url, token: "" }), { text: "merhaba" })).toHaveLength(7 * 240);
      expect(server.requests.at(-1)).toMatchObject({ path: "/v1/audio/speech", authorization: undefined });
    }
  });

  it("puts samples together that were cut in the middle", async () => {
    async function* cut() {
      for (const bytes of [[1], [0, 2], [], [0, 3, 0], [255, 255, 7]]) yield Uint8Array.from(bytes);
    }
    const samples: number[] = [];
    for await (const piece of wholeSamples(cut())) samples.push(...piece);
    expect(samples).toEqual([1, 2, 3, -1]);
  });

  it("names what the server refuses", async () => {
    const answers = [
      [401, "{}", SynthesizerUnavailableError],
      [403, "", SynthesizerUnavailableError],
      [429, "slow down", SpeechQueueFullError],
      [400, '{"error":{"param":"voice"}}', VoiceUnknownError],
      [422, "Unknown voice", VoiceUnknownError],
      [400, '{"error":{"param":"input"}}', SynthesizerUnavailableError],
      [500, "boom", SynthesizerUnavailableError],
      [302, "", SynthesizerUnavailableError],
    ] as const;
    for (const [status, body, kind] of answers) {
      server.answerNext((_, response) => response.writeHead(status).end(body));
      expect(await failureOf(open()), `${status} ${body}`).toBeInstanceOf(kind);
    }
    server.answerNext((_, response) => response.writeHead(401).end());
    expect((await failureOf(open())).cause).toBeInstanceOf(SpeechSetupError);
  });

  it("takes a file for what it is: no bare samples", async () => {
    for (const beginning of ["RIFF....WAVE", "OggS", '{"error":"none"}']) {
      server.answerNext((_, response) => response.end(beginning));
      expect(await failureOf(open())).toBeInstanceOf(SynthesizerUnavailableError);
    }
  });

  it("fails when the server breaks off, says nothing for too long, or is not there", async () => {
    server.answerNext((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write(Buffer.alloc(100), () => response.destroy());
    });
    expect(await failureOf(open())).toBeInstanceOf(SynthesizerUnavailableError);
    server.answerNext(() => {});
    expect(await failureOf(open({ timeoutMs: 100 }))).toBeInstanceOf(SynthesizerUnavailableError);
    server.answerNext((_, response) => void response.write(Buffer.alloc(100)));
    expect(await failureOf(open({ timeoutMs: 100 }))).toBeInstanceOf(SynthesizerUnavailableError);
    const nobody = open({ url: "http://127.0.0.1:1/v1" });
    expect(await failureOf(nobody)).toBeInstanceOf(SynthesizerUnavailableError);
    await expect(nobody.ready()).rejects.toThrow(SynthesizerUnavailableError);
  });

  it("is ready when the server answers, whatever it knows of models, but not when it refuses the token", async () => {
    await open().ready();
    server.answerNext((_, response) => response.writeHead(404).end());
    await open().ready();
    server.answerNext((_, response) => response.writeHead(401).end());
    await expect(open().ready()).rejects.toThrow("speech.synthesizer.token");
  });

  it("hangs up on the server when the caller gives up while it is silent", async () => {
    const giving = new AbortController();
    const reason = new Error("enough");
    const hungUp = new Promise<void>((resolve) => {
      server.answerNext((_, response) => {
        response.once("close", resolve);
        giving.abort(reason);
      });
    });
    expect(await failureOf(open(), giving.signal)).toBe(reason);
    await hungUp;
  });

  it("refuses more than may wait for a connection", async () => {
    const synthesizer = open({ queueLimit: 1 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 35 }, () => spoken(synthesizer, { text: "merhaba" })),
    );
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ reason: expect.any(SpeechQueueFullError) });
  });
});
