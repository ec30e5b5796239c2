import { describe, expect, it } from "vitest";
import type { TurnResult } from "../../../../services/conversation/index.ts";
import { deferred } from "../../../support/deferred.ts";
import type { RecognizerCall } from "../../../support/speech.ts";
import { openSpokenSession, type SpokenSession } from "../../../support/spoken-session.ts";

const question = "legal soru soruyorum";
const answer = "Tabii, hemen bakıyorum efendim. Başka bir isteğiniz var mı?";

/** A session that understands the first question and what `interruption` says, with its reply a second under way. */
async function interruptible(
  interruption: (heard: RecognizerCall) => string,
  parts: Parameters<typeof openSpokenSession>[0] = {},
): Promise<SpokenSession> {
  let asked = false;
  const house = await openSpokenSession({
    recognizer: { hear: (heard) => (asked ? interruption(heard) : question) },
    ...parts,
  });
  await house.say();
  await house.wait(992);
  asked = true;
  expect(house.last("response.output_audio.delta")).toBeDefined();
  expect(house.last("response.done")).toBeUndefined();
  return house;
}

const storedBy = async (house: SpokenSession) =>
  (await house.sessions.load(house.all("x.sector")[0]?.session_id ?? ""))?.messages.map(({ content }) => content);

describe("somebody who interrupts", () => {
  it("silences the reply within 200 ms, as cancelled because a turn was detected", async () => {
    const house = await interruptible(() => "bir dakika");
    const begun = house.clock.nowMs();
    await house.speak(480);
    const done = house.last("response.done");
    expect(done?.response).toMatchObject({ status: "cancelled", status_details: { reason: "turn_detected" } });
    expect((done?.atMs ?? 0) - begun).toBeLessThanOrEqual(200);
    const late = house.all("response.output_audio.delta").filter(({ atMs }) => atMs > (done?.atMs ?? 0));
    expect(late).toEqual([]);
    const order = house.types();
    expect(order.lastIndexOf("input_audio_buffer.speech_started")).toBeLessThan(order.indexOf("response.done"));
  });

  it("leaves in the conversation what was heard of the reply, no more and not nothing", async () => {
    const house = await interruptible(() => "bir dakika");
    await house.say();
    await house.wait(6000);
    const heard = house.all("conversation.item.truncated")[0];
    expect(heard?.audio_end_ms).toBeGreaterThan(900);
    expect(heard?.audio_end_ms).toBeLessThan(1500);
    const stored = await storedBy(house);
    expect(stored?.slice(0, 3)).toEqual([question, "Tabii, hemen", "bir dakika"]);
    expect(house.engine.calls[1]?.request.prompt).toMatchObject({
      messages: [{ role: "system" }, { content: question }, { content: "Tabii, hemen" }, { content: "bir dakika" }],
    });
    expect(house.rows[0]).toMatchObject({ outcome: "interrupted", reply: "Tabii, hemen" });
  });

  it("is measured: from the first sound to the last byte", async () => {
    const house = await interruptible(() => "bir dakika");
    await house.say();
    expect(house.all("x.metrics")[0]?.metrics.interrupted_ms).toBeLessThanOrEqual(200);
    expect(await house.registry.metrics()).toContain('sektor_voice_turns_total{outcome="interrupted"} 1');
  });

  it("may say less was heard than we think, and is believed", async () => {
    const house = await interruptible(() => "bir dakika");
    await house.speak(480);
    const { item_id: id = "" } = house.last("conversation.item.truncated") ?? {};
    await house.send({ type: "conversation.item.truncate", item_id: id, content_index: 0, audio_end_ms: 700 });
    await house.wait(640);
    await house.wait(6000);
    expect((await storedBy(house))?.slice(0, 2)).toEqual([question, "Tabii,"]);
  });

  it("cannot say that more was heard than was sent", async () => {
    const house = await interruptible(() => "bir dakika");
    await house.speak(480);
    const { item_id: id = "" } = house.last("conversation.item.truncated") ?? {};
    await house.send({ type: "conversation.item.truncate", item_id: id, content_index: 0, audio_end_ms: 60_000 });
    expect(house.last("error")).toMatchObject({ error: { code: "item_not_truncatable" } });
  });

  it("before the first word of the reply has not been answered: both utterances are one question", async () => {
    let said = "legal sorum";
    const house = await openSpokenSession({
      recognizer: { hear: () => said },
      engine: { firstTokenMs: 60_000 },
    });
    await house.say();
    expect(house.last("response.created")).toBeDefined();
    said = "vardı benim";
    house.engine.follow({ reply: () => ["Buyurun."] });
    await house.say();
    await house.wait(3000);
    expect(house.all("response.done").map(({ response }) => response.status)).toEqual(["cancelled", "completed"]);
    expect(await storedBy({ ...house, all: (type) => house.all(type).slice(-1) })).toEqual([
      "legal sorum vardı benim",
      "Buyurun.",
    ]);
  });

  it("does not stop a reply where the client wants no interruptions", async () => {
    const house = await interruptible(() => "bir dakika", {});
    const input = { turn_detection: { type: "server_vad", interrupt_response: false } } as const;
    await house.send({ type: "session.update", session: { type: "realtime", audio: { input } } });
    await house.say();
    await house.wait(8000);
    expect(house.all("response.done").map(({ response }) => response.status)).toEqual(["completed", "completed"]);
    expect((await storedBy(house))?.[1]).toBe(answer);
  });

  it("must speak up while we do: what is hardly speech may be our own voice", async () => {
    let probability = 0.95;
    const house = await openSpokenSession({
      recognizer: { hear: () => question },
      activity: { probability: (frame) => (frame.some((sample) => Math.abs(sample) > 0.01) ? probability : 0.02) },
    });
    await house.say();
    await house.wait(320);
    probability = 0.7;
    await house.speak(960);
    expect(house.all("input_audio_buffer.speech_started")).toHaveLength(1);
    await house.wait(6000);
    await house.speak(960);
    expect(house.all("input_audio_buffer.speech_started")).toHaveLength(2);
  });
});

describe("somebody who interrupts a recogniser that gives no partial transcripts", () => {
  it("is taken at their word after a second of speech, and not taken for noise however long they speak", async () => {
    let asked = false;
    const house = await openSpokenSession({
      recognizer: { partials: false, hear: () => (asked ? "bir dakika" : question) },
    });
    await house.say();
    await house.wait(640);
    asked = true;
    await house.speak(3200);
    expect(house.all("response.created")).toHaveLength(1);
    expect(house.last("x.metrics")).toBeDefined();
    await house.wait(640);
    await house.wait(6000);
    expect(await storedBy(house)).toEqual([question, "Tabii, hemen", "bir dakika", answer]);
  });
});

describe("somebody who interrupts a recogniser whose partial transcripts take long", () => {
  it("is taken at their word after a second of speech, before the first of them is there", async () => {
    let slow = false;
    let later: (ms: number, work: () => void) => void = (_ms, work) => work();
    const house = await openSpokenSession({
      recognizer: {
        hear: async ({ options }) => {
          if (slow && options.partial === true) await new Promise<void>((heard) => later(3000, heard));
          return slow ? "bir dakika" : question;
        },
      },
    });
    later = house.clock.after;
    await house.say();
    await house.wait(640);
    slow = true;
    await house.speak(960);
    expect(house.last("x.metrics")).toBeUndefined();
    await house.speak(640);
    expect(house.last("response.done")?.response.status).toBe("cancelled");
    expect(house.last("x.metrics")).toBeDefined();
  });
});

describe("a false alarm", () => {
  it("lets the reply go on where it stopped, as a response of its own", async () => {
    const house = await interruptible(() => "");
    await house.say(320);
    await house.wait(8000);
    const [first, second] = house.all("response.done").map(({ response }) => response);
    expect(first).toMatchObject({ status: "cancelled" });
    expect(second).toMatchObject({ status: "completed", metadata: { x_resumes: first?.id } });
    expect(second?.output).toMatchObject([
      { content: [{ transcript: expect.stringMatching(/ bakıyorum efendim\. Başka/) }] },
    ]);
    expect(await storedBy(house)).toEqual([question, answer]);
    expect(house.engine.calls).toHaveLength(1);
    expect(house.rows).toMatchObject([{ outcome: "ok", reply: answer }]);
  });

  it("plays again what was on its way when it stopped, and nothing twice besides", async () => {
    const house = await interruptible(() => "");
    const whole = await openSpokenSession({ recognizer: { hear: () => question } });
    await whole.say();
    await whole.wait(8000);
    const bytes = (from: SpokenSession) =>
      from.all("response.output_audio.delta").reduce((sum, { delta }) => sum + Buffer.from(delta, "base64").length, 0);
    await house.say(320);
    await house.wait(8000);
    const twiceMs = (bytes(house) - bytes(whole)) / 32;
    expect(twiceMs).toBeGreaterThanOrEqual(0);
    expect(twiceMs).toBeLessThanOrEqual(300 + 80);
  });

  it("is one also when the noise does not end: after two seconds the reply goes on", async () => {
    const house = await interruptible(() => "");
    await house.speak(1920);
    expect(house.all("response.created")).toHaveLength(1);
    await house.speak(320);
    expect(house.all("response.created")).toHaveLength(2);
  });

  it("turns out to be none when a word comes after all", async () => {
    const house = await interruptible(({ samples }) => (samples.length > 16 * 3000 ? "bir dakika" : ""));
    await house.speak(3520);
    expect(house.all("response.done").map(({ response }) => response.status)).toEqual(["cancelled", "cancelled"]);
    await house.wait(640);
    await house.wait(8000);
    expect((await storedBy(house))?.slice(2)).toEqual(["bir dakika", answer]);
  });

  it("holds a written reply back while it lasts, and loses none of it", async () => {
    const gate = deferred();
    let said = question;
    const house = await openSpokenSession({
      recognizer: { hear: () => said },
      parts: {
        takeTurn: async function* () {
          yield { type: "text-delta", text: "Bir" };
          await gate.promise;
          yield { type: "text-delta", text: " iki" };
          yield { type: "end", result: { finishReason: "stop", sources: [] as const } as unknown as TurnResult };
        },
      },
    });
    await house.send({ type: "session.update", session: { type: "realtime", output_modalities: ["text"] } });
    const text = () => house.all("response.output_text.delta").map(({ delta }) => delta);
    await house.say();
    expect(text()).toEqual(["Bir"]);
    said = "";
    await house.speak(320);
    gate.resolve();
    await house.wait(320);
    expect(text()).toEqual(["Bir"]);
    await house.wait(320);
    expect(text()).toEqual(["Bir", " iki"]);
    expect(house.all("response.done").map(({ response }) => response.status)).toEqual(["cancelled", "completed"]);
  });
});
