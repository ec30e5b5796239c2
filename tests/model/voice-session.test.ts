import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { type Caller, type CallerOptions, callRealtime, callSampleRate } from "../../scripts/voice/realtime-caller.ts";
import { spokenText } from "../../scripts/voice/speech.ts";
import { pause } from "../../services/foundation/index.ts";
import { json } from "../support/json.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";
import { music } from "../support/sound.ts";
import { int16 } from "../support/speech.ts";

/** Greedy: what a tiny model says by chance is no promise. */
const environment = { SEKTOR_TEMPERATURE: "0" };
const question = "kredi kartı borcumu yapılandırmak istiyorum";

let serve: ServeProcess;
let asked: Int16Array;
let interruption: Int16Array;
beforeAll(async () => {
  serve = await startServe({ environment });
  asked = await spokenText(question, serve);
  interruption = await spokenText("dur bir dakika", serve);
});
afterAll(async () => {
  await serve?.stop();
});

let caller: Caller;
afterEach(async () => {
  await caller?.[Symbol.asyncDispose]();
});

async function call(options: Partial<CallerOptions> = {}): Promise<void> {
  caller = await callRealtime({ url: serve.url, ...options });
}

/** Says it, and waits for the words the reply begins with. */
async function ask(samples: Int16Array) {
  const { startMs, endMs } = await caller.say(samples);
  const { event: heard } = await caller.hears("conversation.item.input_audio_transcription.completed", endMs);
  const { event: routed } = await caller.hears("x.sector", endMs);
  const { event: sound } = await caller.hears("response.output_audio.delta", endMs);
  return { startMs, endMs, heard, routed, responseId: sound.response_id };
}

async function replyEnd(responseId: string) {
  const { event } = await caller.hears("response.done", 0, ({ response }) => response.id === responseId);
  return event.response;
}

const typesSince = (sinceMs: number): readonly string[] =>
  caller.moments.filter(({ atMs }) => atMs >= sinceMs).map(({ event }) => event.type);

/** What was said aloud, as the server tells it with the reply's last sound. */
function transcriptOf(responseId: string): string {
  const told = caller.moments.flatMap(({ event }) =>
    event.type === "response.output_audio_transcript.delta" && event.response_id === responseId ? [event.delta] : [],
  );
  return told.join("");
}

const messagesOf = async (session: string): Promise<readonly { role: string; content: string }[]> =>
  (await json(fetch(`${serve.url}/v1/sessions/${session}`))).messages;

describe("a spoken session", () => {
  it("understands a question, says which sector answers, and answers aloud, in the protocol's order", async () => {
    await call();
    const { startMs, heard, routed, responseId } = await ask(asked);
    expect(heard.transcript).toMatch(/kredi|kart|borc/);
    expect(heard.x_synthetic_only).toBe(true);
    expect(routed).toMatchObject({
      sector: "finance_banking",
      routed_by: "router",
      adapter: { name: "finance_banking" },
    });
    const response = await replyEnd(responseId);
    expect(response.status).toBe("completed");
    expect(transcriptOf(responseId)).toMatch(/\p{L}{3}/u);
    const { busyUntilMs } = caller.loudspeaker;
    const heardReply = caller.loudspeaker.recording(startMs, busyUntilMs);
    expect(heardReply.filter((sample) => Math.abs(sample) > 500).length).toBeGreaterThan(callSampleRate / 4);

    const order = typesSince(startMs);
    const places = [
      "input_audio_buffer.speech_started",
      "conversation.item.input_audio_transcription.delta",
      "input_audio_buffer.speech_stopped",
      "input_audio_buffer.committed",
      "conversation.item.input_audio_transcription.completed",
      "response.created",
      "x.sector",
      "response.output_audio_transcript.delta",
      "response.output_audio.delta",
      "response.output_audio.done",
      "response.done",
    ].map((type) => order.indexOf(type));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const { event } = await caller.hears("x.metrics", startMs);
    expect(event.metrics).toMatchObject({ confidence: expect.any(Number), interrupted_ms: null });
  });

  it("stops when it is interrupted, and keeps in the conversation only what was heard of the reply", async () => {
    await call();
    const { responseId, routed } = await ask(asked);
    await pause(1000);
    await caller.say(interruption);
    const response = await replyEnd(responseId);
    expect(response).toMatchObject({ status: "cancelled", status_details: { reason: "turn_detected" } });
    const [, reply] = await vi.waitFor(
      async () => {
        const messages = await messagesOf(routed.session_id);
        expect(messages.length).toBeGreaterThanOrEqual(2);
        return messages;
      },
      { timeout: 30_000, interval: 200 },
    );
    const whole = transcriptOf(responseId);
    expect(reply?.role).toBe("assistant");
    expect(whole.startsWith(reply?.content ?? "nothing")).toBe(true);
    expect(reply?.content.length).toBeLessThan(whole.length);
  });

  it("answers from the sector that the session forces, whatever is said", async () => {
    await call({ session: { x_sector: "legal" } });
    const { routed } = await ask(asked);
    expect(routed).toMatchObject({ sector: "legal", routed_by: "request", adapter: { name: "legal" } });
  });

  it("takes the sector from the model's name in the address too", async () => {
    await call({ model: "insurance" });
    const { routed } = await ask(asked);
    expect(routed).toMatchObject({ sector: "insurance", routed_by: "request" });
  });

  it("goes on with a conversation that was begun in writing, and writing goes on with it", async () => {
    const chat = (body: object) =>
      json(
        fetch(`${serve.url}/api/v1/chat`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      );
    const { data: first } = await chat({ message: "Kredi kartı borcum var." });
    await call({ session: { x_session_id: first.session_id } });
    const { heard, routed, responseId } = await ask(asked);
    expect(routed.session_id).toBe(first.session_id);
    expect((await replyEnd(responseId)).status).toBe("completed");
    const { data: third } = await chat({ message: "Peki ne kadar sürer?", session_id: first.session_id });
    expect(third.session_id).toBe(first.session_id);
    const messages = await messagesOf(first.session_id);
    expect(messages.map(({ role }) => role)).toEqual(Array(3).fill(["user", "assistant"]).flat());
    expect(messages[2]?.content).toBe(heard.transcript);
  });

  it("takes music for nothing that was said, and hears the question after it", async () => {
    await call();
    const { startMs } = await caller.say(int16(music(5000, callSampleRate)));
    const { startMs: askedMs } = await caller.say(asked);
    const { event: heard } = await caller.hears("conversation.item.input_audio_transcription.completed", startMs);
    expect(heard.transcript).toMatch(/kredi|kart|borc/);
    const began = caller.moments.filter(({ event }) => event.type === "input_audio_buffer.speech_started");
    expect(began).toHaveLength(1);
    expect(began[0]?.atMs).toBeGreaterThan(askedMs);
  });

  it("answers what is typed into it, aloud", async () => {
    await call();
    caller.send({
      type: "conversation.item.create",
      item: {
        type: "message",
        role: "user",
        content: [{ type: "input_text", text: "Kasko poliçem neleri karşılar?" }],
      },
    });
    caller.send({ type: "response.create" });
    const { event } = await caller.hears("response.output_audio.delta", 0);
    expect((await replyEnd(event.response_id)).status).toBe("completed");
  });
});

it("talks with the stock client of browsers, which knows nothing of us", async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  const client = new OpenAI({ baseURL: `${serve.url}/v1`, apiKey: "loopback-needs-none" });
  // It would insist on TLS.
  const onURL = (url: URL): void => {
    url.protocol = "ws:";
  };
  const realtime = new OpenAIRealtimeWebSocket({ model: "auto", dangerouslyAllowBrowser: true, onURL }, client);
  try {
    const faults: unknown[] = [];
    realtime.on("error", (fault) => faults.push(fault));
    await new Promise<void>((resolve) => realtime.on("session.created", () => resolve()));
    let sound = 0;
    realtime.on("response.output_audio.delta", ({ delta }) => {
      sound += Buffer.from(delta, "base64").length;
    });
    const done = new Promise<OpenAI.Realtime.ResponseDoneEvent>((resolve) => realtime.on("response.done", resolve));
    realtime.send({
      type: "session.update",
      session: { type: "realtime", audio: { input: { turn_detection: null } } },
    });
    realtime.send({
      type: "input_audio_buffer.append",
      audio: Buffer.from(asked.buffer, asked.byteOffset, asked.byteLength).toString("base64"),
    });
    realtime.send({ type: "input_audio_buffer.commit" });
    realtime.send({ type: "response.create" });
    expect((await done).response.status).toBe("completed");
    expect(sound).toBeGreaterThan(callSampleRate);
    expect(faults).toEqual([]);
  } finally {
    realtime.close();
    vi.unstubAllGlobals();
  }
});
