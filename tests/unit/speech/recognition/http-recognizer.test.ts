import { once } from "node:events";
import { expect, it } from "vitest";
import { type HttpRecognizerOptions, httpEngine } from "../../../../services/speech/recognition/http-engine.ts";
import { queuedRecognizer } from "../../../../services/speech/recognition/queued-recognizer.ts";
import { describeRecognizer } from "../../../conformance/recognizer.conformance.ts";
import { deferred } from "../../../support/macrotask.ts";
import { tone } from "../../../support/speech.ts";
import { startTranscriptionServer } from "../../../support/transcription-server.ts";

const never = new AbortController().signal;

const verbose = {
  text: " Merhaba dünya. ",
  words: [
    { word: "Merhaba", start: 0.1, end: 0.5 },
    { word: "dünya.", start: 0.6, end: 1 },
  ],
  segments: [{ start: 0, end: 1, avg_logprob: Math.log(0.75) }],
};

async function open(
  script: Parameters<typeof startTranscriptionServer>[0],
  options: Partial<HttpRecognizerOptions> = {},
) {
  const server = await startTranscriptionServer(script);
  const engine = httpEngine({ url: server.url, token: "", model: "whisper-1", timeoutMs: 20_000, ...options });
  const recognizer = queuedRecognizer(engine, { queueLimit: 16, timeoutMs: 20_000 });
  return {
    server,
    recognizer,
    async [Symbol.asyncDispose]() {
      await recognizer[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describeRecognizer("http", async () => {
  const { recognizer, ...opened } = await open(() => ({ body: verbose }));
  return {
    recognizer,
    speech: tone(1500),
    said: /^Merhaba dünya\.$/,
    [Symbol.asyncDispose]: opened[Symbol.asyncDispose],
  };
});

it("sends a 16 kHz WAV with the model, the language, the likely words and the key", async () => {
  await using opened = await open(() => ({ body: verbose }), { token: "s3cret", model: "büyük" });
  await opened.recognizer.recognize(tone(1000), { prompt: "kargo, iade" }, never);
  const [asked] = opened.server.requests;
  expect(asked).toMatchObject({ path: "/v1/audio/transcriptions", authorization: "Bearer s3cret" });
  expect(asked?.fields).toEqual({
    model: ["büyük"],
    language: ["tr"],
    prompt: ["kargo, iade"],
    response_format: ["verbose_json"],
    "timestamp_granularities[]": ["word", "segment"],
  });
  const wav = Buffer.from(asked?.file ?? []);
  expect(wav.toString("latin1", 0, 4)).toBe("RIFF");
  expect(wav.readUInt32LE(24)).toBe(16_000);
  expect(wav.length).toBe(44 + 2 * 16_000);
});

it("rates a transcript by its segments, and its words by the whole where they have no rating", async () => {
  await using opened = await open(() => ({ body: verbose }));
  const heard = await opened.recognizer.recognize(tone(1000), {}, never);
  expect(heard.confidence).toBeCloseTo(0.75);
  expect(heard.words).toEqual([
    { text: "Merhaba", startMs: 100, endMs: 500, confidence: heard.confidence },
    { text: "dünya.", startMs: 600, endMs: 1000, confidence: heard.confidence },
  ]);
});

it("asks a server that knows no verbose_json for json, and remembers it", async () => {
  await using opened = await open(({ fields }) =>
    fields["response_format"]?.[0] === "json"
      ? { body: { text: "merhaba" } }
      : { status: 400, body: { error: { message: "unsupported response_format" } } },
  );
  const heard = await opened.recognizer.recognize(tone(1000), {}, never);
  expect(heard).toEqual({ text: "merhaba", confidence: null, words: [] });
  await opened.recognizer.recognize(tone(1000), {}, never);
  expect(opened.server.requests.map(({ fields }) => fields["response_format"]?.[0])).toEqual([
    "verbose_json",
    "json",
    "json",
  ]);
});

it("says nothing was heard where the server says so", async () => {
  await using opened = await open(() => ({ body: { text: "  ", segments: [] } }));
  expect(await opened.recognizer.recognize(tone(1000), {}, never)).toEqual({ text: "", confidence: 0, words: [] });
});

it.each([
  { what: "breaks", status: 500, body: { error: { message: "kart numaram 1234" } }, cure: undefined },
  { what: "is overloaded", status: 429, body: {}, cure: undefined },
  { what: "sends a page", status: 200, body: "<html>1234</html>", cure: undefined },
  { what: "sends something else", status: 200, body: { text: 1234 }, cure: undefined },
  {
    what: "refuses the key",
    status: 401,
    body: { error: { message: "bad key 1234" } },
    cure: "SEKTOR_RECOGNIZER_TOKEN",
  },
  { what: "knows no such path", status: 404, body: "", cure: "SEKTOR_RECOGNIZER_URL" },
])("is unavailable when the server $what, and does not repeat what it said", async ({ status, body, cure }) => {
  await using opened = await open(() => ({ status, body }));
  const failure: unknown = await opened.recognizer.recognize(tone(1000), {}, never).catch((caught: unknown) => caught);
  expect(failure).toMatchObject({ code: "recognizer_unavailable", status: 503 });
  expect((failure as Error).message).not.toContain("1234");
  if (cure !== undefined) expect((failure as Error).message).toContain(cure);
});

it("gives up on a server that never answers, or that stops in the middle", async () => {
  await using silent = await open(() => undefined, { timeoutMs: 100 });
  await expect(silent.recognizer.recognize(tone(1000), {}, never)).rejects.toMatchObject({ status: 503 });
  await using halting = await open(
    (_, { response }) => {
      response.writeHead(200, { "content-type": "application/json" }).write('{"text": "mer');
      return undefined;
    },
    { timeoutMs: 100 },
  );
  await expect(halting.recognizer.recognize(tone(1000), {}, never)).rejects.toMatchObject({ status: 503 });
});

it("is unavailable where nobody listens, and without an address says which setting is missing", async () => {
  const gone = await open(() => undefined);
  await gone.server[Symbol.asyncDispose]();
  await expect(gone.recognizer.recognize(tone(1000), {}, never)).rejects.toMatchObject({ status: 503 });
  await using unset = await open(() => undefined, { url: "" });
  await expect(unset.recognizer.ready()).rejects.toThrow("SEKTOR_RECOGNIZER_URL");
});

it("hangs up on the server when the caller has gone", async () => {
  const hungUp = deferred();
  const asked = deferred();
  await using opened = await open(async (_, { response }) => {
    asked.resolve();
    await once(response, "close");
    hungUp.resolve();
    return undefined;
  });
  const leaving = new AbortController();
  const left = opened.recognizer.recognize(tone(1000), {}, leaving.signal);
  await asked.promise;
  leaving.abort(new Error("hung up"));
  await expect(left).rejects.toThrow("hung up");
  await hungUp.promise;
});
