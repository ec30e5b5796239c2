import { describe, expect, it } from "vitest";
import { int16ToBytes, WireEncoder } from "../../../../services/speech/index.ts";
import type { AudioFormat } from "../../../../services/voice/events/index.ts";
import { int16, silence, tone } from "../../../support/speech.ts";
import { openSpokenSession, type SpokenSession } from "../../../support/spoken-session.ts";

const pushToTalk = {
  type: "session.update",
  session: { type: "realtime", audio: { input: { turn_detection: null } } },
} as const;
const commit = { type: "input_audio_buffer.commit" } as const;
const respond = { type: "response.create" } as const;

const errorsOf = (house: SpokenSession) => house.all("error").map(({ error }) => error.code);
const append = (samples: Float32Array) =>
  ({ type: "input_audio_buffer.append", audio: int16ToBytes(int16(samples)) }) as const;

describe("push-to-talk", () => {
  it("commits what the client says, and answers when it asks", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    await house.send(pushToTalk);
    await house.speak(960);
    await house.wait(2000);
    expect(house.types()).toEqual(["session.created", "session.updated"]);
    await house.send(commit);
    expect(house.last("conversation.item.input_audio_transcription.completed")?.transcript).toBe("legal soru");
    expect(house.last("response.created")).toBeUndefined();
    await house.send(respond);
    await house.wait(6000);
    expect(house.last("response.done")?.response.status).toBe("completed");
    expect(house.last("x.sector")?.sector).toBe("legal");
  });

  it("hears everything since the last commit, to the last sample", async () => {
    const house = await openSpokenSession();
    await house.send(pushToTalk);
    await house.send(append(tone(1003)));
    await house.send(commit);
    await house.send(append(tone(207)));
    await house.send(commit);
    expect(house.recognizer.calls.map(({ samples }) => samples.length)).toEqual([1003 * 16, 207 * 16]);
  });

  it("waits with a reply for the words of what was just committed", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    await house.send(pushToTalk);
    await house.speak(960);
    house.session.handle(commit, 0);
    house.session.handle(respond, 0);
    await house.wait(6000);
    expect(house.last("response.done")?.response.status).toBe("completed");
    expect(house.engine.calls[0]?.request.prompt).toMatchObject({ messages: [{}, { content: "legal soru" }] });
  });

  it("refuses to commit nothing, the same again, or less than 100 ms", async () => {
    const house = await openSpokenSession();
    await house.send(pushToTalk);
    await house.send(commit);
    await house.send(append(tone(90)));
    await house.send({ ...commit, event_id: "mine" });
    expect(errorsOf(house)).toEqual(["input_audio_buffer_commit_empty", "input_audio_buffer_commit_empty"]);
    expect(house.last("error")?.error.event_id).toBe("mine");
    await house.send(append(tone(90)));
    await house.send(commit);
    await house.send(commit);
    expect(errorsOf(house)).toHaveLength(3);
    expect(house.all("input_audio_buffer.committed")).toHaveLength(1);
  });

  it("forgets what the client clears", async () => {
    const house = await openSpokenSession();
    await house.send(pushToTalk);
    await house.speak(960);
    await house.send({ type: "input_audio_buffer.clear" });
    await house.send(commit);
    expect(house.types().slice(-2)).toEqual(["input_audio_buffer.cleared", "error"]);
  });

  it("hears no more than five minutes without a commit, says so once, and lives on", async () => {
    const house = await openSpokenSession();
    await house.send(pushToTalk);
    const minute = { type: "input_audio_buffer.append", audio: new Uint8Array(60_000 * 32) } as const;
    for (let minutes = 0; minutes < 7; minutes++) await house.send(minute);
    expect(errorsOf(house)).toEqual(["input_audio_buffer_full"]);
    await house.send(commit);
    expect(house.recognizer.calls[0]?.samples.length).toBeLessThanOrEqual(16 * 300_032);
    await house.send(append(tone(960)));
    await house.send(commit);
    expect(house.all("input_audio_buffer.committed")).toHaveLength(2);
  });
});

describe("audio that comes in", () => {
  it("is understood in every format of the protocol", async () => {
    const formats: readonly (readonly [AudioFormat, ConstructorParameters<typeof WireEncoder>[1]])[] = [
      [
        { type: "audio/pcm", rate: 24_000 },
        { encoding: "pcm16", sampleRate: 24_000 },
      ],
      [
        { type: "audio/pcm", rate: 8000 },
        { encoding: "pcm16", sampleRate: 8000 },
      ],
      [{ type: "audio/pcmu" }, { encoding: "mulaw", sampleRate: 8000 }],
      [{ type: "audio/pcma" }, { encoding: "alaw", sampleRate: 8000 }],
    ];
    for (const [format, wire] of formats) {
      const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
      const audio = { input: { format }, output: { format } };
      await house.send({ type: "session.update", session: { type: "realtime", audio } });
      const encoder = new WireEncoder(16_000, wire);
      for (const samples of [tone(960), silence(640)]) {
        house.session.handle({ type: "input_audio_buffer.append", audio: encoder.push(int16(samples)) }, 0);
        await house.clock.advance(samples.length / 16);
      }
      await house.clock.advance(8000);
      expect(house.last("x.sector")?.sector, JSON.stringify(format)).toBe("legal");
      const bytes = house.all("response.output_audio.delta").map(({ delta }) => Buffer.from(delta, "base64").length);
      const perMs = (wire.encoding === "pcm16" ? 2 : 1) * (wire.sampleRate / 1000);
      const ms = bytes.reduce((sum, length) => sum + length, 0) / perMs;
      expect(ms).toBeCloseTo(house.last("x.metrics")?.metrics.audio_ms ?? 0, -1);
    }
  });

  it("is refused where a sample is cut in two, and the session lives on", async () => {
    const house = await openSpokenSession();
    await house.send({ type: "input_audio_buffer.append", event_id: "odd", audio: new Uint8Array(3) });
    expect(house.last("error")).toMatchObject({ error: { code: "invalid_audio", event_id: "odd" } });
    await house.say();
    expect(house.last("response.created")).toBeDefined();
  });

  it("may be silent for ten minutes: nothing is said and nothing piles up", async () => {
    const house = await openSpokenSession({ activity: { probability: () => 0.02 } });
    for (let second = 0; second < 600; second++) house.session.handleAudio(new Uint8Array(32_000));
    await house.clock.advance(600_000);
    expect(house.types()).toEqual(["session.created"]);
    await house.send(commit);
    expect(house.recognizer.calls[0]?.samples.length).toBeLessThanOrEqual(16 * 500);
  });

  it("may be noise without an end: it is written down minute by minute, and nothing is said to it", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "" }, activity: { probability: () => 0.95 } });
    for (let second = 0; second < 65; second++) {
      house.session.handleAudio(new Uint8Array(32_000));
      await house.clock.advance(1000);
    }
    expect(house.all("input_audio_buffer.committed")).toHaveLength(1);
    expect(house.last("response.created")).toBeUndefined();
    expect(Math.max(...house.recognizer.calls.map(({ samples }) => samples.length))).toBeLessThanOrEqual(16 * 61_000);
  });

  it("may come in one large piece: its turns are found all the same", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    const all = new Float32Array(16 * 60_000);
    all.set(tone(960), 16 * 5000);
    all.set(tone(960), 16 * 20_000);
    await house.send(append(all));
    await house.clock.advance(10_000);
    expect(house.all("input_audio_buffer.committed")).toHaveLength(2);
  });

  it("ends the socket where too much of it waits", async () => {
    const house = await openSpokenSession({ activity: { ready: () => new Promise(() => {}) } });
    for (let at = 0; at < 40; at++) house.session.handleAudio(new Uint8Array(1_048_576));
    expect(house.closed.length).toBeGreaterThan(0);
    expect(new Set(house.closed)).toEqual(new Set(["too_many_events"]));
  });
});

describe("events that hold no audio", () => {
  it("end the socket where too much of them waits, however few they are", async () => {
    const house = await openSpokenSession({ activity: { ready: () => new Promise(() => {}) } });
    const event = { type: "session.update", session: { type: "realtime" } } as const;
    for (let at = 0; at < 16; at++) house.session.handle(event, 1_048_576);
    expect(house.closed).toEqual([]);
    house.session.handle(event, 1);
    expect(house.closed).toEqual(["too_many_events"]);
  });
});

describe("a committed turn of voice activity", () => {
  it("ends early where the client commits while somebody speaks", async () => {
    const house = await openSpokenSession();
    await house.speak(960);
    const { item_id: id } = house.last("input_audio_buffer.speech_started") ?? {};
    await house.send(commit);
    expect(house.last("input_audio_buffer.committed")?.item_id).toBe(id);
    await house.wait(960);
    expect(house.all("input_audio_buffer.committed")).toHaveLength(1);
    expect(house.last("response.created")).toBeUndefined();
  });

  it("is dropped where the client clears the buffer while somebody speaks", async () => {
    const house = await openSpokenSession();
    await house.speak(960);
    await house.send({ type: "input_audio_buffer.clear" });
    await house.wait(960);
    expect(house.last("input_audio_buffer.committed")).toBeUndefined();
  });

  it("is not answered where create_response is false", async () => {
    const house = await openSpokenSession();
    const input = { turn_detection: { type: "server_vad", create_response: false } } as const;
    await house.send({ type: "session.update", session: { type: "realtime", audio: { input } } });
    await house.say();
    await house.wait(960);
    expect(house.last("conversation.item.input_audio_transcription.completed")).toBeDefined();
    expect(house.last("response.created")).toBeUndefined();
  });

  it("is written down and not answered in a transcription session", async () => {
    const house = await openSpokenSession({ caller: { opening: { pcmRate: 16_000, transcriptionOnly: true } } });
    await house.say();
    await house.send(respond);
    expect(house.last("conversation.item.input_audio_transcription.completed")?.transcript).toBe("merhaba");
    expect(house.last("response.created")).toBeUndefined();
    expect(house.last("error")).toMatchObject({ error: { code: "invalid_request" } });
  });
});

describe("a caller who says nothing", () => {
  const idle = {
    type: "session.update",
    session: {
      type: "realtime",
      audio: { input: { turn_detection: { type: "server_vad", idle_timeout_ms: 5000 } } },
    },
  } as const;

  it("is asked after a reply whether they are there, once", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    await house.send(idle);
    await house.say();
    await house.wait(20_000);
    const timeout = house.last("input_audio_buffer.timeout_triggered");
    expect((timeout?.audio_end_ms ?? 0) - (timeout?.audio_start_ms ?? 0)).toBeGreaterThanOrEqual(4960);
    expect(house.all("input_audio_buffer.committed").at(-1)?.item_id).toBe(timeout?.item_id);
    expect(house.all("response.done")).toHaveLength(2);
    expect(house.last("response.done")?.response.output).toMatchObject([
      { content: [{ transcript: expect.stringContaining("Hâlâ orada mısınız?") }] },
    ]);
    expect(house.engine.calls).toHaveLength(1);
    await house.wait(20_000);
    expect(house.all("input_audio_buffer.timeout_triggered")).toHaveLength(1);
  });

  it("is asked though a cough was heard, or a word that was dropped or lost, once it has been quiet again", async () => {
    const heard = { cough: "", dropped: "legal", lost: "legal" } as const;
    for (const kind of ["cough", "dropped", "lost"] as const) {
      let hear = (): string => "legal soru";
      const house = await openSpokenSession({ recognizer: { hear: () => hear() } });
      await house.send(idle);
      await house.say();
      await house.wait(5000);
      expect(house.last("response.done"), kind).toBeDefined();
      hear = () => {
        if (kind === "lost") throw new Error("crash");
        return heard[kind];
      };
      await house.speak(320);
      if (kind === "dropped") await house.send({ type: "input_audio_buffer.clear" });
      await house.wait(4800);
      expect(house.last("input_audio_buffer.timeout_triggered"), kind).toBeUndefined();
      await house.wait(2000);
      expect(house.all("input_audio_buffer.timeout_triggered"), kind).toHaveLength(1);
    }
  });

  it("is not asked after a cough before anything was answered", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "" } });
    await house.send(idle);
    await house.say();
    await house.wait(10_000);
    expect(house.last("input_audio_buffer.timeout_triggered")).toBeUndefined();
  });

  it("is not asked while they speak", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    await house.send(idle);
    await house.say();
    await house.wait(4800);
    await house.speak(5000);
    expect(house.last("input_audio_buffer.timeout_triggered")).toBeUndefined();
  });
});
