import { describe, expect, it } from "vitest";
import { OpusPacketDecoder, OpusPacketEncoder } from "../../../../services/speech/index.ts";
import { pitchOf } from "../../../support/sound.ts";
import { int16, silence, tone } from "../../../support/speech.ts";
import { openSpokenSession, type SpokenSession, type SpokenSessionScript } from "../../../support/spoken-session.ts";

const opus = { type: "audio/opus" } as const;
const both = { input: { format: opus }, output: { format: opus } };

async function open(script: SpokenSessionScript = {}): Promise<SpokenSession> {
  const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" }, ...script });
  await house.send({ type: "session.update", session: { type: "realtime", audio: both } });
  return house;
}

/** Samples at 16 kHz → packets of 20 ms. */
async function packets(samples: Float32Array): Promise<readonly Uint8Array[]> {
  using encoder = await OpusPacketEncoder.open(16_000);
  const { frameSamples } = encoder;
  return Array.from({ length: Math.floor(samples.length / frameSamples) }, (_, at) =>
    encoder.encode(int16(samples.subarray(at * frameSamples, (at + 1) * frameSamples))),
  );
}

/** In real time, a packet a message. */
async function speak(house: SpokenSession, ...samples: readonly Float32Array[]): Promise<void> {
  for (const one of samples)
    for (const audio of await packets(one)) {
      house.session.handle({ type: "input_audio_buffer.append", audio }, audio.length);
      await house.clock.advance(20);
    }
}

/** What a client hears that decodes a delta a packet; each response is a stream of its own. */
async function heardOf(house: SpokenSession, responseId: string | undefined): Promise<Float32Array[]> {
  using decoder = await OpusPacketDecoder.open(24_000);
  return house
    .all("response.output_audio.delta")
    .filter(({ response_id: id }) => id === responseId)
    .map(({ delta }) => decoder.decode(Buffer.from(delta, "base64")));
}

describe("a session in Opus", () => {
  it("is understood and answered, a packet a message each way", async () => {
    const house = await open();
    expect(house.last("session.updated")?.session.audio).toMatchObject(both);
    await speak(house, tone(960), silence(640));
    await house.clock.advance(8000);
    expect(house.last("x.sector")?.sector).toBe("legal");
    const [call] = house.recognizer.calls.toReversed();
    expect(pitchOf([...(call?.samples ?? [])].slice(8000, 12_000), 16_000)).toBeCloseTo(
      pitchOf([...tone(250)], 16_000),
      0,
    );
    const heard = await heardOf(house, house.last("response.done")?.response.id);
    expect(new Set(heard.map(({ length }) => length))).toEqual(new Set([480]));
    const audioMs = house.last("x.metrics")?.metrics.audio_ms ?? 0;
    // Filled up to whole packets, with what the codec holds back.
    expect(heard.length * 20).toBeGreaterThanOrEqual(audioMs);
    expect(heard.length * 20).toBeLessThan(audioMs + 40);
    expect(Math.max(...heard.flatMap((samples) => [...samples]))).toBeGreaterThan(0.05);
    const bytes = house.all("response.output_audio.delta").map(({ delta }) => Buffer.from(delta, "base64").length);
    expect(house.last("x.metrics")?.metrics.audio_bytes).toBe(bytes.reduce((sum, one) => sum + one, 0));
  });

  it("goes on with its reply after a false alarm", async () => {
    let words = "legal soru";
    const house = await open({ recognizer: { hear: () => words } });
    await speak(house, tone(960), silence(1600));
    words = "";
    await speak(house, tone(320), silence(640));
    await house.clock.advance(8000);
    const [, resumed] = house.all("response.done").map(({ response }) => response);
    expect(resumed?.status).toBe("completed");
    expect((await heardOf(house, resumed?.id)).length).toBeGreaterThan(10);
  });

  it("is told what is no packet, by its own event, and hears the next one", async () => {
    const house = await open();
    for (const [at, audio] of [new Uint8Array(0), new Uint8Array(60_000), Uint8Array.of(255, 255)].entries())
      await house.send({ type: "input_audio_buffer.append", event_id: `bad-${at}`, audio });
    expect(house.all("error").map(({ error }) => [error.code, error.event_id])).toEqual([
      ["invalid_audio", "bad-0"],
      ["invalid_audio", "bad-1"],
      ["invalid_audio", "bad-2"],
    ]);
    await speak(house, tone(960), silence(640));
    expect(house.last("response.created")).toBeDefined();
  });

  it("keeps packets apart that came before its format was looked at", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    const session = { type: "realtime", audio: { input: { format: opus, turn_detection: null } } } as const;
    house.session.handle({ type: "session.update", session }, 0);
    for (const audio of await packets(tone(960)))
      house.session.handle({ type: "input_audio_buffer.append", audio }, audio.length);
    await house.send({ type: "input_audio_buffer.commit" });
    expect(house.all("error")).toEqual([]);
    expect(house.recognizer.calls.at(-1)?.samples.length).toBe(16 * 960);
  });

  it("takes no item whose audio is Opus: packets do not lie in one another", async () => {
    const house = await open();
    const content = [{ type: "input_audio", audio: "AAAA" }] as const;
    const item = { type: "message", role: "user", content } as const;
    await house.send({ type: "conversation.item.create", item, event_id: "mine" });
    expect(house.last("error")?.error).toMatchObject({ code: "invalid_request", param: "item", event_id: "mine" });
    expect(house.last("conversation.item.added")).toBeUndefined();
  });

  it("gives Opus for one response alone, and goes back to its own format", async () => {
    const house = await openSpokenSession();
    const content = [{ type: "input_text", text: "legal soru" }] as const;
    for (const output of [{ format: opus }, {}]) {
      await house.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
      await house.send({ type: "response.create", response: { audio: { output } } });
      await house.clock.advance(8000);
    }
    const [first, second] = house.all("response.done").map(({ response }) => response);
    expect((await heardOf(house, first?.id)).length).toBeGreaterThan(10);
    expect(second?.audio.output.format).toEqual({ type: "audio/pcm", rate: 16_000 });
    await house.session.close();
  });
});
