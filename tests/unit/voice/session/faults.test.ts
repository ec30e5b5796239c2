import { describe, expect, it } from "vitest";
import {
  RecognizerUnavailableError,
  SynthesizerUnavailableError,
  VoiceActivityUnavailableError,
} from "../../../../services/speech/index.ts";
import { settle } from "../../../support/macrotask.ts";
import { openSpokenSession, type SpokenSession } from "../../../support/spoken-session.ts";

const question = "legal soru soruyorum";
const hears = { recognizer: { hear: () => question } } as const;
const waits = { readyMs: 30, recognitionMs: 30, synthesisMs: 2000 };
const errorsOf = (house: SpokenSession) => house.all("error").map(({ error }) => error.code);
/** Real time, for what the foundation's clocks limit. */
const realMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function writtenTurn(house: SpokenSession): Promise<void> {
  const content = [{ type: "input_text", text: "legal soru" }] as const;
  await house.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [...content] },
  });
  await house.send({ type: "response.create" });
}

describe("speech that is missing", () => {
  it("is told when the session opens, which then lives on in writing", async () => {
    const house = await openSpokenSession({
      recognizer: { ready: () => Promise.reject(new RecognizerUnavailableError()) },
      synthesizer: { ready: () => Promise.reject(new SynthesizerUnavailableError()) },
      activity: { ready: () => Promise.reject(new VoiceActivityUnavailableError()) },
    });
    expect(house.types()).toEqual(["session.created", "error", "error", "error"]);
    expect(errorsOf(house)).toEqual([
      "recognizer_unavailable",
      "synthesizer_unavailable",
      "voice_activity_unavailable",
    ]);
    expect(house.last("session.created")?.session).toMatchObject({
      output_modalities: ["text"],
      audio: { input: { turn_detection: null } },
    });
    await writtenTurn(house);
    expect(house.last("response.done")?.response).toMatchObject({ status: "completed" });
  });

  it("is not waited for without an end", async () => {
    const house = await openSpokenSession({ synthesizer: { ready: () => new Promise(() => {}) }, parts: { waits } });
    expect(house.types()).toEqual([]);
    await realMs(60);
    expect(house.last("session.created")?.session.output_modalities).toEqual(["text"]);
    expect(errorsOf(house)).toEqual(["synthesizer_unavailable"]);
  });

  it("is found again when the client asks for it and it has come back", async () => {
    let gone = true;
    const ready = () => (gone ? Promise.reject(new Error("not there")) : Promise.resolve());
    const house = await openSpokenSession({ ...hears, synthesizer: { ready }, activity: { ready } });
    const session = {
      type: "realtime",
      output_modalities: ["audio"] as ["audio"],
      audio: { input: { turn_detection: { type: "server_vad" } } },
    } as const;
    await house.send({ type: "session.update", session, event_id: "early" });
    expect(house.last("error")?.error.event_id).toBe("early");
    expect(house.last("session.updated")).toBeUndefined();
    gone = false;
    await house.send({ type: "session.update", session });
    await house.say();
    expect(house.last("response.output_audio.delta")).toBeDefined();
  });
});

describe("a recogniser that fails", () => {
  it("is told of the item it failed at, and the next one is understood", async () => {
    let broken = true;
    const house = await openSpokenSession({
      recognizer: {
        hear: () => {
          if (broken) throw new Error("crash");
          return question;
        },
      },
    });
    await house.say();
    expect(house.last("conversation.item.input_audio_transcription.failed")).toMatchObject({
      item_id: house.last("input_audio_buffer.committed")?.item_id,
      error: { code: "recognizer_unavailable", type: "server_error" },
    });
    expect(house.last("response.created")).toBeUndefined();
    broken = false;
    await house.say();
    expect(house.last("response.created")).toBeDefined();
  });

  it("that hangs has failed when its time is over", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => new Promise(() => {}) }, parts: { waits } });
    await house.say();
    await realMs(100);
    await settle();
    expect(house.last("conversation.item.input_audio_transcription.failed")).toMatchObject({
      error: { code: "recognizer_unavailable" },
    });
    await writtenTurn(house);
    expect(house.last("response.created")).toBeDefined();
    await house.session.close();
  });
});

describe("voice activity that fails", () => {
  it("is told once, loses no audio, and is used again when it works", async () => {
    let broken = true;
    const house = await openSpokenSession({
      ...hears,
      activity: {
        probability: (frame) => {
          if (broken) throw new Error("crash");
          return frame.some((sample) => Math.abs(sample) > 0.01) ? 0.95 : 0.02;
        },
      },
    });
    await house.speak(960);
    expect(errorsOf(house)).toEqual(["voice_activity_unavailable"]);
    await house.send({ type: "input_audio_buffer.commit" });
    expect(house.recognizer.calls[0]?.samples.length).toBe(16 * 960);
    broken = false;
    await house.say();
    expect(house.last("input_audio_buffer.speech_stopped")).toBeDefined();
  });
});

describe("a synthesiser that fails", () => {
  it("fails the response with its code, and the session lives on", async () => {
    let broken = true;
    const house = await openSpokenSession({
      ...hears,
      synthesizer: {
        beforePiece: () => {
          if (broken) throw new Error("crash");
        },
      },
    });
    await house.say();
    await house.wait(320);
    expect(house.last("response.done")?.response).toMatchObject({
      status: "failed",
      status_details: { type: "failed", error: { code: "synthesizer_unavailable", type: "server_error" } },
    });
    expect(house.rows).toMatchObject([{ outcome: "synthesizer_unavailable" }]);
    broken = false;
    await house.say();
    await house.wait(6000);
    expect(house.last("response.done")?.response.status).toBe("completed");
  });

  it("that hangs has failed when its time is over", async () => {
    const house = await openSpokenSession({ ...hears, synthesizer: { beforePiece: () => new Promise(() => {}) } });
    await house.say();
    await house.wait(1800);
    expect(house.last("response.done")).toBeUndefined();
    await house.wait(320);
    expect(house.last("response.done")?.response).toMatchObject({
      status_details: { error: { code: "synthesizer_unavailable" } },
    });
  });
});

describe("a model that fails", () => {
  it("fails the response, keeps nothing, and is asked again at the next turn", async () => {
    const house = await openSpokenSession({
      ...hears,
      engine: { fault: { afterTokens: 1, error: () => new Error("broken") } },
    });
    await house.say();
    await house.wait(640);
    expect(house.last("response.done")?.response).toMatchObject({
      status: "failed",
      status_details: { error: { code: "internal" } },
    });
    expect(await house.sessions.load(house.last("x.sector")?.session_id ?? "")).toBeUndefined();
    expect(house.logged).toContain("voice-reply-failed");
    house.engine.follow({ reply: () => ["Buyurun."] });
    await house.say();
    await house.wait(3000);
    expect(house.last("response.done")?.response.status).toBe("completed");
  });
});

describe("a client that leaves", () => {
  it("while we speak leaves nothing behind: model, speech, timers and streams end, what was heard is kept", async () => {
    const house = await openSpokenSession({
      ...hears,
      engine: { reply: () => ["Bu bir cümledir. ", "Bu da."], tokenMs: 60_000 },
    });
    await house.say();
    await house.wait(640);
    const { length } = house.events;
    await house.session.close();
    await settle();
    expect(house.events).toHaveLength(length);
    expect(house.engine.active).toBe(0);
    expect(house.voiceActivity.openStreams()).toBe(0);
    expect(house.clock.pending).toBe(0);
    expect((await house.sessions.load(house.last("x.sector")?.session_id ?? ""))?.messages).toMatchObject([
      { content: question },
      { content: "Bu bir" },
    ]);
  });

  it("while it is being understood, or before speech was loaded, leaves nothing behind either", async () => {
    const houses = [
      await openSpokenSession({ recognizer: { hear: () => new Promise(() => {}) } }),
      await openSpokenSession({ activity: { ready: () => new Promise(() => {}) }, parts: { waits } }),
    ];
    for (const house of houses) {
      await house.say();
      const { length } = house.events;
      await house.session.close();
      house.session.handleAudio(new Uint8Array(3));
      house.session.handle({ type: "response.create" }, 0);
      await house.clock.advance(5000);
      expect(house.events).toHaveLength(length);
      expect(house.voiceActivity.openStreams()).toBe(0);
      expect(house.clock.pending).toBe(0);
    }
  });

  it("may leave twice", async () => {
    const house = await openSpokenSession();
    await Promise.all([house.session.close(), house.session.close()]);
    expect(await house.registry.metrics()).toContain("turkish_ai_websocket_connections 0");
  });
});
