import { describe, expect, it } from "vitest";
import { whisperRecognition } from "../../../../services/speech/recognition/native/whisper-words.ts";
import { openSpokenSession, type SpokenSession } from "../../../support/spoken-session.ts";

const question = "legal soru soruyorum";
const answer = "Tabii, hemen bakıyorum efendim. Başka bir isteğiniz var mı?";

/** A turn that was spoken to its end. */
async function turn(house: SpokenSession): Promise<void> {
  await house.say();
  await house.wait(6000);
}

describe("a spoken turn", () => {
  it("goes from speech to spoken reply in the protocol's order of events", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await turn(house);
    const order = house.types().filter((type, at, all) => type !== all[at - 1]);
    expect(order).toEqual([
      "session.created",
      "input_audio_buffer.speech_started",
      "conversation.item.input_audio_transcription.delta",
      "input_audio_buffer.speech_stopped",
      "input_audio_buffer.committed",
      "conversation.item.added",
      "conversation.item.done",
      "conversation.item.input_audio_transcription.completed",
      "response.created",
      "x.sector",
      "response.output_item.added",
      "conversation.item.added",
      "response.content_part.added",
      "response.output_audio_transcript.delta",
      "response.output_audio.delta",
      "response.output_audio_transcript.delta",
      "response.output_audio.delta",
      "response.output_audio.done",
      "response.output_audio_transcript.done",
      "response.content_part.done",
      "response.output_item.done",
      "conversation.item.done",
      "response.done",
      "x.metrics",
    ]);
  });

  it("names its items and responses alike in all events", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await turn(house);
    const [user, reply] = house.all("conversation.item.added").map(({ item }) => item.id);
    const response = house.last("response.created")?.response.id;
    expect(house.last("input_audio_buffer.speech_started")?.item_id).toBe(user);
    expect(house.last("input_audio_buffer.committed")).toMatchObject({ item_id: user, previous_item_id: null });
    expect(house.last("conversation.item.added")?.previous_item_id).toBe(user);
    for (const delta of house.all("response.output_audio.delta"))
      expect(delta).toMatchObject({ item_id: reply, response_id: response, output_index: 0, content_index: 0 });
    expect(house.last("response.done")?.response).toMatchObject({
      id: response,
      status: "completed",
      output: [{ id: reply, role: "assistant", content: [{ type: "output_audio", transcript: answer }] }],
      usage: { output_tokens: 9 },
    });
  });

  it("tells when speech began and ended, prefix and silence included", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "kargom nerede" } });
    await house.wait(1024);
    await house.say(960);
    // 1024 ms of silence; 128 ms make an onset, 300 ms before it are kept.
    expect(house.last("input_audio_buffer.speech_started")?.audio_start_ms).toBeGreaterThanOrEqual(1024 - 332);
    expect(house.last("input_audio_buffer.speech_started")?.audio_start_ms).toBeLessThanOrEqual(1024 - 300);
    expect(house.last("input_audio_buffer.speech_stopped")?.audio_end_ms).toBe(1024 + 960 + 512);
  });

  it("gives the words while they are said, the first of them within 600 ms", async () => {
    const house = await openSpokenSession({
      recognizer: { hear: ({ samples }) => (samples.length > 20_000 ? "kargom nerede" : "kargom") },
    });
    await house.speak(1600);
    const partials = house.all("conversation.item.input_audio_transcription.delta");
    const begun = (house.last("input_audio_buffer.speech_started")?.atMs ?? 0) - 128;
    expect(partials[0]).toMatchObject({ x_transcript: "kargom" });
    expect((partials[0]?.atMs ?? 0) - begun).toBeLessThanOrEqual(600);
    expect(partials.at(-1)).toMatchObject({ x_transcript: "kargom nerede" });
    const gaps = partials.slice(1).map(({ atMs }, at) => atMs - (partials[at]?.atMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(400);
    expect(house.recognizer.calls.every(({ options }) => options.partial === true)).toBe(true);
  });

  it("gives them less often where the recogniser is busy, so that final transcripts do not wait", async () => {
    let later: (ms: number, work: () => void) => void = (_ms, work) => work();
    const house = await openSpokenSession({
      recognizer: {
        hear: async () => {
          await new Promise<void>((heard) => later(200, heard));
          return "kargom";
        },
      },
    });
    later = house.clock.after;
    await house.speak(3200);
    const times = house.all("conversation.item.input_audio_transcription.delta").map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((at, before) => at - (times[before] ?? 0));
    expect(gaps.length).toBeGreaterThan(1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(800);
  });

  it("tells how sure the recogniser is, and whether it knows synthetic speech alone", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question, syntheticOnly: true } });
    await turn(house);
    expect(house.last("conversation.item.input_audio_transcription.completed")).toMatchObject({
      transcript: question,
      x_confidence: 0.9,
      x_synthetic_only: true,
      usage: { type: "duration" },
    });
    expect(house.last("session.created")?.session.x_synthetic_only).toBe(true);
    const partials = house.all("conversation.item.input_audio_transcription.delta");
    expect(partials.length).toBeGreaterThan(0);
    expect(partials.every(({ x_synthetic_only: marked }) => marked === true)).toBe(true);
  });

  it("tells every word with its time in the session's audio, and how sure the recogniser is of it", async () => {
    const words = [
      { text: "kargom", startMs: 0, endMs: 400, confidence: 0.97 },
      { text: "nerede", startMs: 480, endMs: 900, confidence: 0.41 },
    ];
    const house = await openSpokenSession({
      recognizer: { hear: () => ({ text: "kargom nerede", confidence: 0.7, words }) },
    });
    await house.wait(1024);
    await turn(house);
    const from = house.last("input_audio_buffer.speech_started")?.audio_start_ms ?? 0;
    expect(from).toBeGreaterThan(500);
    expect(house.last("conversation.item.input_audio_transcription.completed")?.x_words).toEqual([
      { text: "kargom", start_ms: from, end_ms: from + 400, confidence: 0.97 },
      { text: "nerede", start_ms: from + 480, end_ms: from + 900, confidence: 0.41 },
    ]);
  });

  it("claims no confidence where the recogniser tells none, as Whisper does", async () => {
    const heard = whisperRecognition([{ text: " Legal soru soruyorum.", t0: 0, t1: 900 }], 960);
    const house = await openSpokenSession({ recognizer: { name: "whisper", partials: false, hear: () => heard } });
    await turn(house);
    const completed = house.last("conversation.item.input_audio_transcription.completed");
    expect(completed).toMatchObject({
      transcript: "Legal soru soruyorum.",
      x_confidence: null,
      x_synthetic_only: false,
    });
    expect(completed?.x_words?.map(({ confidence }) => confidence)).toEqual([null, null, null]);
    expect(house.last("x.metrics")?.metrics.confidence).toBeNull();
    expect(house.last("response.done")?.response.status).toBe("completed");
  });

  it("shows no transcripts to a client that wants none, and understands all the same", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await house.send({
      type: "session.update",
      session: { type: "realtime", audio: { input: { transcription: null } } },
    });
    await turn(house);
    expect(house.types().join(" ")).not.toContain("transcription.");
    expect(house.last("x.sector")?.sector).toBe("legal");
  });

  it("never sends more than 300 ms ahead of what has been played", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await turn(house);
    const deltas = house.all("response.output_audio.delta");
    let endsAt = 0;
    for (const { delta, atMs } of deltas) {
      const ms = Buffer.from(delta, "base64").length / 32;
      expect(ms).toBeLessThanOrEqual(100);
      endsAt = Math.max(endsAt, atMs) + ms;
      expect(endsAt - atMs).toBeLessThanOrEqual(300.001);
    }
    expect(deltas.length).toBeGreaterThan(30);
  });

  it("begins to speak while the model still writes", async () => {
    const house = await openSpokenSession({
      recognizer: { hear: () => question },
      engine: { reply: () => ["Bu ilk cümledir. Bu", " da ikincisi."], tokenMs: 60_000 },
    });
    await turn(house);
    expect(house.all("response.output_audio_transcript.delta").map(({ delta }) => delta)).toEqual(["Bu ilk cümledir."]);
    expect(house.last("response.output_audio.delta")).toBeDefined();
    expect(house.engine.active).toBe(1);
    await house.session.close();
    expect(house.engine.active).toBe(0);
  });
});

describe("a spoken conversation", () => {
  it("is one with chat's: routed, kept in a session, shown to the model at the next turn", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await turn(house);
    const sector = house.last("x.sector");
    expect(sector).toMatchObject({ sector: "legal", routed_by: "router", adapter: { name: "legal", version: "1" } });
    expect(await house.sessions.load(sector?.session_id ?? "")).toMatchObject({
      owner: "key-1",
      sector: "legal",
      messages: [
        { role: "user", content: question },
        { role: "assistant", content: answer, id: sector?.message_id, adapter: "legal@1" },
      ],
    });
    await turn(house);
    expect(house.last("x.sector")?.session_id).toBe(sector?.session_id);
    expect(house.engine.calls[1]?.request.prompt).toMatchObject({
      messages: [{ role: "system" }, { content: question }, { content: answer }, { content: question }],
    });
  });

  it("goes on with the session the client names", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "peki sonra" } });
    await house.sessions.append("earlier", {
      owner: "key-1",
      sector: "energy",
      messages: [
        { id: "m1", role: "user", content: "energy faturası", at: "2025-12-31T00:00:00Z", sector: "energy" },
        { id: "m2", role: "assistant", content: "Buyurun.", at: "2025-12-31T00:00:01Z", sector: "energy" },
      ],
    });
    await house.send({
      type: "session.update",
      session: { type: "realtime", x_session_id: "earlier", x_user_id: "ayşe" },
    });
    await turn(house);
    expect(house.last("x.sector")).toMatchObject({ session_id: "earlier", sector: "energy", routed_by: "session" });
    expect((await house.sessions.load("earlier"))?.messages).toHaveLength(4);
    expect((await house.sessions.load("earlier"))?.userId).toBe("ayşe");
  });

  it("does not go on with another key's session", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await house.sessions.append("theirs", { owner: "key-2", sector: null, messages: [] });
    await house.send({ type: "session.update", session: { type: "realtime", x_session_id: "theirs" } });
    await turn(house);
    expect(house.last("response.done")?.response).toMatchObject({
      status: "failed",
      status_details: { error: { code: "session_not_found" } },
    });
    expect(house.engine.calls).toHaveLength(0);
  });

  it("keeps to the sector that is forced, and to the client's own instructions", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await house.send({
      type: "session.update",
      session: { type: "realtime", x_sector: "energy", instructions: "Kısa konuş.", max_output_tokens: 7 },
    });
    await turn(house);
    expect(house.last("x.sector")).toMatchObject({ sector: "energy", routed_by: "request" });
    expect(house.engine.calls[0]?.request).toMatchObject({
      adapterId: "energy@3",
      maxTokens: 7,
      prompt: { messages: [{ role: "system", content: "Kısa konuş." }, {}] },
    });
  });

  it("refuses a sector that is not there or not the key's, and stays as it was", async () => {
    const caller = { keyId: "key-1", scopes: ["voice"], sectors: ["legal"], userId: null } as const;
    const house = await openSpokenSession({ caller: { caller } });
    for (const [sector, code] of [
      ["astrology", "unknown_sector"],
      ["energy", "sector_not_allowed"],
    ] as const) {
      await house.send({ type: "session.update", event_id: "mine", session: { type: "realtime", x_sector: sector } });
      expect(house.last("error")).toMatchObject({ error: { code, event_id: "mine" } });
    }
    expect(house.all("session.updated")).toHaveLength(0);
  });

  it("tells the sources a reply rests on", async () => {
    const passage = {
      document: "d1",
      title: "Kanun",
      chunk: 0,
      score: 0.8,
      sector: "legal",
      source: "RG",
      text: "…",
      id: "d1#0",
    };
    const house = await openSpokenSession({
      recognizer: { hear: () => question },
      groundPrompt: async ({ systemPrompt }) => ({ systemPrompt, found: [passage], used: [passage], quotes: [] }),
    });
    await turn(house);
    expect(house.last("x.sources")?.sources).toMatchObject([{ document: "d1", title: "Kanun", cited: false }]);
  });

  it("leaves a row of the request log with what was said and heard", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await turn(house);
    expect(house.rows).toMatchObject([
      {
        endpoint: "/v1/realtime",
        message: question,
        reply: answer,
        sector: "legal",
        adapter: "legal@1",
        outcome: "ok",
        completionTokens: 9,
        sessionId: house.last("x.sector")?.session_id,
        messageId: house.last("x.sector")?.message_id,
      },
    ]);
  });

  it("measures every turn, for the client and for Prometheus", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => question } });
    await turn(house);
    const event = house.last("x.metrics");
    expect(event?.response_id).toBe(house.last("response.done")?.response.id);
    expect(event?.metrics).toMatchObject({ confidence: 0.9, interrupted_ms: null, queue_depth: 0 });
    const { metrics } = event ?? {};
    expect(metrics?.silence_ms).toBe(512);
    expect(metrics?.transcript_ms).toBeGreaterThanOrEqual(512);
    expect(metrics?.first_audio_ms).toBeLessThanOrEqual(512 + 100);
    expect(metrics?.audio_ms).toBeGreaterThan(2000);
    expect(metrics?.audio_bytes).toBe((metrics?.audio_ms ?? 0) * 32);
    const text = await house.registry.metrics();
    expect(text).toContain('sektor_voice_turns_total{outcome="completed"} 1');
    for (const stage of ["silence", "transcript", "routed", "first_token", "first_audio", "first_partial"])
      expect(text).toContain(`sektor_voice_turn_seconds_count{stage="${stage}"} 1`);
    expect(text).toContain('sektor_voice_turn_seconds_sum{stage="silence"} 0.512');
    expect(text).toContain(`sektor_voice_partials_total ${metrics?.partials}`);
    expect(text).toContain(`sektor_voice_sent_bytes_total ${metrics?.audio_bytes}`);
    for (const type of ["recognition", "synthesis"])
      expect(text).toContain(`sektor_voice_real_time_factor_count{processing_type="${type}"} 1`);
    expect(text).toContain("sektor_voice_queue_depth_count 1");
    expect(text).toContain("turkish_ai_websocket_connections 1");
    await house.session.close();
    expect(await house.registry.metrics()).toContain("turkish_ai_websocket_connections 0");
  });

  it("measures what nobody answers too: what held no words, and what is only written down", async () => {
    const cough = await openSpokenSession({ recognizer: { hear: () => "" } });
    const written = await openSpokenSession({ caller: { opening: { pcmRate: 16_000, transcriptionOnly: true } } });
    for (const house of [cough, written]) {
      await house.say();
      expect(house.last("x.metrics")).toMatchObject({ response_id: null, metrics: { first_audio_ms: null } });
      expect(await house.registry.metrics()).toContain('sektor_voice_turns_total{outcome="unanswered"} 1');
    }
  });

  it("counts every reply against the caller's limits, and tells what is left", async () => {
    const asked: (string | undefined)[] = [];
    const left = [{ name: "requests", limit: 10, remaining: 9, reset_seconds: 60 }] as const;
    const house = await openSpokenSession({
      recognizer: { hear: () => question },
      parts: {
        admit: async (_caller, userId) => {
          asked.push(userId);
          return left;
        },
      },
    });
    await house.send({ type: "session.update", session: { type: "realtime", x_user_id: "ayşe" } });
    await turn(house);
    expect(asked).toEqual(["ayşe"]);
    expect(house.last("rate_limits.updated")?.rate_limits).toEqual(left);
  });
});
