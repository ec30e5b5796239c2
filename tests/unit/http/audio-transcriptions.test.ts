import { toFile } from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { writeWav } from "../../../services/speech/audio/wav-writer.ts";
import { RecognizerUnavailableError } from "../../../services/speech/index.ts";
import { whisperRecognition } from "../../../services/speech/recognition/native/whisper-words.ts";
import { type AudioGatewayOptions, openAudioGateway, openTranscriptions } from "../../support/audio-gateway.ts";
import { int16, joined, recognition, scriptedRecognizer, silence, tone } from "../../support/speech.ts";

let app: { close(): PromiseLike<unknown> } | undefined;
afterEach(() => app?.close());

async function open(options: AudioGatewayOptions = {}) {
  const opened = await openAudioGateway(options);
  app = opened.app;
  return opened;
}

/** The route alone, which takes 10 s of sound and 200 KB. */
async function openSmall() {
  const recognizer = scriptedRecognizer();
  const opened = await openTranscriptions({ maxAudioS: 10, maxUploadBytes: 200_000 }, recognizer);
  app = opened.app;
  return { ...opened, recognizer };
}

/** Two utterances, 2 s of silence between them. */
const wav = Buffer.from(writeWav(int16(joined(silence(1000), tone(1000), silence(2000), tone(500))), 16_000));
const twoSentences = () =>
  scriptedRecognizer({
    hear: ({ call }) => recognition(["faturam kaç lira", "teşekkürler"][call % 2] ?? "", 900, 0.8),
    syntheticOnly: true,
  });
const file = () => toFile(wav, "soru.wav");

/** What a browser or curl sends. */
async function post(url: string, fields: Readonly<Record<string, string>>, bytes: Uint8Array | undefined = wav) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (bytes !== undefined) form.append("file", new Blob([new Uint8Array(bytes)]), "soru.wav");
  const address = url.endsWith("/transcriptions") ? url : `${url}/v1/audio/transcriptions`;
  const response = await fetch(address, { method: "POST", body: form });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    error: text.startsWith('{"error') ? JSON.parse(text).error : undefined,
  };
}

describe("POST /v1/audio/transcriptions, asked by the stock client", () => {
  it("answers with the text, and says whose it is and that it learned from synthetic speech alone", async () => {
    const { client } = await open({ recognizer: twoSentences() });
    const transcript = await client.audio.transcriptions.create({ file: await file(), model: "whisper-1" });
    expect(transcript).toMatchObject({
      text: "faturam kaç lira teşekkürler",
      usage: { type: "duration", seconds: 5 },
      x_recognizer: "scripted",
      x_synthetic_only: true,
      x_confidence: 0.8,
    });
  });

  it("answers with segments and words, their times from the beginning of the recording", async () => {
    const { client, recognizer } = await open({ recognizer: twoSentences() });
    const transcript = await client.audio.transcriptions.create({
      file: await file(),
      model: "whisper-1",
      response_format: "verbose_json",
      timestamp_granularities: ["word", "segment"],
      language: "tr",
      prompt: "fatura",
      temperature: 0,
    });
    expect(recognizer.calls[0]?.options).toEqual({ language: "tr", prompt: "fatura" });
    expect(transcript).toMatchObject({ language: "turkish", duration: 4.5 });
    expect(transcript.segments?.map(({ text }) => text)).toEqual(["faturam kaç lira", "teşekkürler"]);
    expect(transcript.segments?.[1]?.start).toBeGreaterThan(3.5);
    expect(transcript.segments?.[1]).toMatchObject({ id: 1, avg_logprob: -0.223, no_speech_prob: expect.any(Number) });
    expect(transcript.words?.map(({ word }) => word)).toEqual(["faturam", "kaç", "lira", "teşekkürler"]);
    expect(transcript.words?.[3]?.start).toBe(transcript.segments?.[1]?.start);
  });

  it("lists only what is asked for", async () => {
    const { client } = await open({ recognizer: twoSentences() });
    const ask = async (granularity: "word" | "segment") =>
      await client.audio.transcriptions.create({
        file: await file(),
        model: "whisper-1",
        response_format: "verbose_json",
        timestamp_granularities: [granularity],
      });
    expect(await ask("word")).not.toHaveProperty("segments");
    expect(await ask("segment")).not.toHaveProperty("words");
  });

  it("answers with plain text and with subtitles", async () => {
    const { client } = await open({ recognizer: twoSentences() });
    const ask = async (response_format: "text" | "srt" | "vtt") =>
      await client.audio.transcriptions.create({ file: await file(), model: "whisper-1", response_format });
    expect(await ask("text")).toBe("faturam kaç lira teşekkürler\n");
    expect(await ask("srt")).toMatch(/^1\n00:00:00,\d{3} --> 00:00:01,\d{3}\nfaturam kaç lira\n\n2\n00:00:03,/);
    expect(await ask("vtt")).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> /);
  });

  it("sends the text while it is recognised", async () => {
    const { client } = await open({ recognizer: twoSentences() });
    const stream = await client.audio.transcriptions.create({ file: await file(), model: "whisper-1", stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    expect(events).toMatchObject([
      { type: "transcript.text.delta", delta: "faturam kaç lira" },
      { type: "transcript.text.delta", delta: " teşekkürler" },
      { type: "transcript.text.done", text: "faturam kaç lira teşekkürler", x_synthetic_only: true },
    ]);
  });
});

describe("POST /v1/audio/transcriptions", () => {
  it("claims no confidence, of the whole or of a word, where the recogniser tells none, as Whisper does", async () => {
    const hear = ({ call }: { readonly call: number }) =>
      whisperRecognition(
        [{ text: call % 2 === 0 ? " Faturam kaç lira?" : " [MÜZİK] Teşekkürler.", t0: 0, t1: 900 }],
        900,
      );
    const { url } = await open({ recognizer: scriptedRecognizer({ name: "whisper", hear }) });
    const plain = JSON.parse((await post(url, {})).text);
    expect(plain).toMatchObject({ text: "Faturam kaç lira? Teşekkürler.", x_confidence: null });
    const fields = { response_format: "verbose_json", "timestamp_granularities[]": "word" };
    const { words } = JSON.parse((await post(url, fields)).text);
    expect(words.map(({ x_confidence }: { x_confidence: unknown }) => x_confidence)).toEqual([null, null, null, null]);
    const { segments } = JSON.parse((await post(url, { response_format: "verbose_json" })).text);
    expect(segments).toMatchObject([
      { text: "Faturam kaç lira?", avg_logprob: null, x_confidence: null },
      { text: "Teşekkürler.", avg_logprob: null, x_confidence: null },
    ]);
  });

  it("rates a recording by what of it was rated", async () => {
    const hear = ({ call }: { readonly call: number }) => ({
      ...recognition("faturam kaç lira", 900, 0.8),
      ...(call % 2 === 0 ? {} : { confidence: null }),
    });
    const { url } = await open({ recognizer: scriptedRecognizer({ hear }) });
    expect(JSON.parse((await post(url, {})).text)).toMatchObject({ x_confidence: 0.8 });
  });

  it("says in its headers, too, who recognised", async () => {
    const { url } = await open({ recognizer: twoSentences() });
    const { headers } = await post(url, { response_format: "text" });
    expect(headers.get("x-recognizer")).toBe("scripted");
    expect(headers.get("x-synthetic-only")).toBe("true");
  });

  it("hears nothing in silence, and that is an answer", async () => {
    const { url, recognizer } = await open();
    const { status, text } = await post(url, {}, writeWav(new Int16Array(160_000), 16_000));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ text: "", x_confidence: null });
    expect(recognizer.calls).toHaveLength(0);
  });

  it.each([
    ["no file", {}, "none", "invalid_request", "file"],
    ["a file that is no sound", {}, "text", "audio_undecodable", "file"],
    ["a format nobody knows", { response_format: "docx" }, "wav", "invalid_request", "response_format"],
    ["a language that is none", { language: "türkçe!" }, "wav", "invalid_request", "language"],
    ["a temperature of 7", { temperature: "7" }, "wav", "invalid_request", "temperature"],
    ["subtitles as a stream", { stream: "true", response_format: "srt" }, "wav", "invalid_request", "stream"],
    [
      "word times for plain text",
      { response_format: "text", "timestamp_granularities[]": "word" },
      "wav",
      "invalid_request",
      "timestamp_granularities",
    ],
    [
      "times of letters",
      { response_format: "verbose_json", "timestamp_granularities[]": "letter" },
      "wav",
      "invalid_request",
      "timestamp_granularities",
    ],
  ] as const)("refuses %s with 400, by name", async (_, fields, kind, code, param) => {
    const { url, recognizer } = await openSmall();
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const bytes = kind === "text" ? Buffer.from("merhaba") : wav;
    if (kind !== "none") form.append("file", new Blob([new Uint8Array(bytes)]), "soru.wav");
    const response = await fetch(url, { method: "POST", body: form });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code, param, type: "invalid_request_error" } });
    expect(recognizer.calls).toHaveLength(0);
  });

  it("refuses a body that is no form, and a form that breaks off", async () => {
    const { url } = await openSmall();
    const send = async (type: string, body: string) =>
      await fetch(url, { method: "POST", body, headers: { "content-type": type } });
    expect((await send("application/json", "{}")).status).toBe(400);
    const broken = await send(
      "multipart/form-data; boundary=x",
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    );
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { code: "invalid_request" } });
  });

  it("refuses recordings that are too long and files that are too large with 413", async () => {
    const { url, recognizer } = await openSmall();
    const long = await post(url, {}, writeWav(new Int16Array(80_001), 8000));
    expect(long).toMatchObject({ status: 413, error: { code: "audio_too_long" } });
    const large = await post(url, {}, Buffer.alloc(200_001));
    expect(large).toMatchObject({ status: 413, error: { code: "audio_too_large" } });
    expect(recognizer.calls).toHaveLength(0);
  });

  it("says with 503 that nobody is there to listen", async () => {
    const recognizer = scriptedRecognizer({ ready: () => Promise.reject(new RecognizerUnavailableError()) });
    const { url } = await open({ recognizer });
    const { status, headers, error } = await post(url, {});
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("5");
    expect(error).toMatchObject({ code: "recognizer_unavailable" });
  });

  it("ends a stream with the error where the recogniser breaks in the middle", async () => {
    const recognizer = scriptedRecognizer({
      hear: ({ call }) => {
        if (call === 1) throw new RecognizerUnavailableError();
        return "evet";
      },
    });
    const { url } = await open({ recognizer });
    const { status, text } = await post(url, { stream: "true" });
    expect(status).toBe(200);
    expect(text).toMatch(
      /^data: \{"type":"transcript.text.delta","delta":"evet"\}\n\ndata: \{"error":.*recognizer_unavailable/,
    );
  });

  it("stops recognising when the client leaves", async () => {
    const leave = new AbortController();
    let ended: ((reason: unknown) => void) | undefined;
    const stopped = new Promise<unknown>((resolve) => {
      ended = resolve;
    });
    const recognizer = scriptedRecognizer({
      hear: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            ended?.(signal.reason);
            reject(signal.reason);
          });
          leave.abort();
        }),
    });
    const { url } = await open({ recognizer });
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array(wav)]), "soru.wav");
    const asking = fetch(`${url}/v1/audio/transcriptions`, { method: "POST", body: form, signal: leave.signal });
    await expect(asking).rejects.toThrow();
    expect(await stopped).toMatchObject({ name: "AbortError" });
  });
});
