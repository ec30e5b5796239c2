import { afterEach, describe, expect, it } from "vitest";
import { decodeAudio, SynthesizerUnavailableError } from "../../../services/speech/index.ts";
import { type AudioGatewayOptions, openAudioGateway } from "../../support/audio-gateway.ts";
import { pitchOf } from "../../support/sound.ts";
import { scriptedSynthesizer } from "../../support/speech.ts";

let app: Awaited<ReturnType<typeof openAudioGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(options: AudioGatewayOptions = {}) {
  const opened = await openAudioGateway(options);
  app = opened.app;
  const { url } = opened;
  const say = async (body: object) =>
    await fetch(`${url}/v1/audio/speech`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  return { ...opened, say };
}

const sentence = "Merhaba, size nasıl yardımcı olabilirim?";

describe("POST /v1/audio/speech, asked by the stock client", () => {
  it.each(["wav", "mp3", "opus"] as const)("answers with a whole %s file of what was said", async (format) => {
    const { client, synthesizer } = await open();
    const response = await client.audio.speech.create({
      model: "tts-1",
      voice: "alloy",
      input: sentence,
      response_format: format,
    });
    const samples = await decodeAudio(new Uint8Array(await response.arrayBuffer()), { maxS: 60 });
    const said = synthesizer.utterances.reduce((characters, { text }) => characters + text.length, 0);
    expect(samples.length / 16_000).toBeCloseTo(0.06 * said, 0);
    // The tone that the scripted synthesiser hums.
    expect(pitchOf(samples.subarray(4000, 12_000), 16_000)).toBeCloseTo(220, 0);
  });

  it("answers with mp3 where no format is named, and with 24 kHz samples for pcm", async () => {
    const { client, synthesizer } = await open();
    const mp3 = await client.audio.speech.create({ model: "tts-1", voice: "tr", input: "Evet" });
    expect(mp3.headers.get("content-type")).toBe("audio/mpeg");
    const pcm = await client.audio.speech.create({
      model: "tts-1",
      voice: "tr",
      input: "Evet",
      response_format: "pcm",
    });
    expect(pcm.headers.get("x-synthesizer")).toBe("scripted");
    expect((await pcm.arrayBuffer()).byteLength).toBe(2 * 24 * 60 * (synthesizer.utterances.at(-1)?.text.length ?? 0));
  });

  it("names the formats there are where another is asked for", async () => {
    const { client } = await open();
    for (const response_format of ["flac", "aac"] as const)
      await expect(
        client.audio.speech.create({ model: "tts-1", voice: "tr", input: "Evet", response_format }),
      ).rejects.toMatchObject({
        status: 400,
        code: "audio_format_unsupported",
        param: "response_format",
      });
  });
});

describe("POST /v1/audio/speech", () => {
  it("sends what is said while it goes on speaking", async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const synthesizer = scriptedSynthesizer({ beforePiece: ({ index }) => (index < 3 ? undefined : held) });
    const { say } = await open({ synthesizer });
    const response = await say({ input: sentence, response_format: "pcm", voice: "tr" });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(first?.value?.length).toBeGreaterThan(1000);
    goOn();
    let rest = 0;
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) rest += next.value.length;
    expect(rest).toBeGreaterThan(50_000);
  });

  it("falls silent when the client leaves", async () => {
    let noteAbort = () => {};
    const aborted = new Promise<void>((resolve) => {
      noteAbort = resolve;
    });
    const leave = new AbortController();
    const synthesizer = scriptedSynthesizer({
      // Until the test ends, or until it is cut off: the pieces are small and the text is long.
      beforePiece: ({ index }) => {
        if (index === 4) leave.abort();
        return new Promise((resolve) => setImmediate(resolve));
      },
    });
    const original = synthesizer.synthesize.bind(synthesizer);
    const watched = Object.assign(synthesizer, {
      async *synthesize(...asked: Parameters<typeof original>) {
        asked[1].addEventListener("abort", noteAbort);
        yield* original(...asked);
      },
    });
    const { url } = await open({ synthesizer: watched });
    const asking = fetch(`${url}/v1/audio/speech`, {
      method: "POST",
      body: JSON.stringify({ input: `${"uzun ".repeat(700)}`, response_format: "pcm" }),
      headers: { "content-type": "application/json" },
      signal: leave.signal,
    }).then((response) => response.arrayBuffer());
    await expect(asking).rejects.toThrow();
    await aborted;
  });

  it("speaks events where they are asked for", async () => {
    const { say } = await open();
    const text = await (await say({ input: "Evet", response_format: "pcm", stream_format: "sse" })).text();
    const events = text
      .trim()
      .split("\n\n")
      .map((event) => JSON.parse(event.slice("data: ".length)));
    expect(events.at(-1)).toEqual({ type: "speech.audio.done" });
    const bytes = events.slice(0, -1).reduce((sum, { audio }) => sum + Buffer.from(audio, "base64").length, 0);
    expect(bytes).toBe(2 * 24 * 60 * "evet".length);
  });

  it("reads SSML as SSML and plain text as text", async () => {
    const { say, synthesizer } = await open();
    await (await say({ input: '<speak>on <break time="1s"/> elma</speak>', response_format: "pcm" })).arrayBuffer();
    expect(synthesizer.utterances.map(({ text }) => text)).toEqual(["on", "elma"]);
    const broken = await say({ input: "<speak>on <break" });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { code: "ssml_invalid" } });
  });

  it("takes the names of other platforms' voices for its own first, and refuses what is nobody's", async () => {
    const { say, synthesizer } = await open();
    for (const voice of ["nova", { id: "tr+f2" }, undefined]) await (await say({ input: "Evet", voice })).arrayBuffer();
    expect(synthesizer.utterances.map(({ voice }) => voice)).toEqual([undefined, "tr+f2", undefined]);
    const unknown = await say({ input: "Evet", voice: "tr+kimse" });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ error: { code: "voice_unknown", param: "voice" } });
  });

  it("speaks as fast as it is told, and as the settings say where it is not told", async () => {
    const { say, synthesizer } = await open();
    await (await say({ input: "Evet", speed: 2 })).arrayBuffer();
    await (await say({ input: "Evet" })).arrayBuffer();
    expect(synthesizer.utterances.map(({ speed }) => speed)).toEqual([2, 1]);
  });

  it.each([
    ["an empty text", { input: " \n" }, 400, "invalid_request"],
    ["no text", {}, 400, "invalid_request"],
    ["a text that is too long", { input: "a".repeat(4097) }, 413, "speech_text_too_long"],
    ["a speed nobody can follow", { input: "Evet", speed: 9 }, 400, "invalid_request"],
    ["a format that is none", { input: "Evet", response_format: "docx" }, 400, "audio_format_unsupported"],
  ])("refuses %s", async (_, body, status, code) => {
    const { say, synthesizer } = await open();
    const response = await say(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(synthesizer.utterances).toHaveLength(0);
  });

  it("says with 503 that nobody is there to speak, and breaks off where the synthesiser breaks in the middle", async () => {
    const absent = scriptedSynthesizer({ ready: () => Promise.reject(new SynthesizerUnavailableError()) });
    const first = await open({ synthesizer: absent });
    const refused = await first.say({ input: "Evet" });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: "synthesizer_unavailable" } });
    await first.app.close();
    const breaking = scriptedSynthesizer({
      beforePiece: ({ index }) => {
        if (index === 3) throw new SynthesizerUnavailableError();
      },
    });
    const { say } = await open({ synthesizer: breaking });
    const response = await say({ input: sentence, response_format: "pcm" });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });
});

describe("GET /v1/audio/voices", () => {
  it("lists the voices, and says which one speaks where none is named", async () => {
    const { url } = await open({ environment: { SEKTOR_SYNTHESIZER_VOICE: "tr+f2" } });
    expect(await (await fetch(`${url}/v1/audio/voices`)).json()).toEqual({
      object: "list",
      synthesizer: "scripted",
      data: [
        { id: "tr", object: "voice", default: false },
        { id: "tr+f2", object: "voice", default: true },
      ],
    });
  });
});
