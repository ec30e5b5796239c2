import { afterEach, describe, expect, it, vi } from "vitest";
import type { ServerEvent } from "../../../../services/voice/events/index.ts";
import { scriptedVoice } from "../../../support/scripted-voice.ts";
import { connectVoice } from "../../../support/voice-client.ts";
import { openVoiceGateway } from "../../../support/voice-gateway.ts";

let gateway: Awaited<ReturnType<typeof openVoiceGateway>> | undefined;
afterEach(async () => {
  await gateway?.app.close();
  gateway = undefined;
});

async function open(query = "", answers: readonly ServerEvent[] = []) {
  const voice = scriptedVoice((event, { output }) => {
    if (event.type === "response.create") for (const answer of answers) output.send(answer);
  });
  gateway = await openVoiceGateway({ voice });
  const client = await connectVoice(`${gateway.wsUrl}/v1/realtime?mode=simple${query}`);
  const ready = await client.next("ready");
  const [session] = voice.sessions;
  if (session === undefined) throw new Error("No session was opened.");
  return { client, ready, session };
}

const part = { response_id: "resp_1", item_id: "item_2", output_index: 0, content_index: 0 };
const heard = { item_id: "item_1", content_index: 0 };
const audio = (...bytes: number[]) => Buffer.from(bytes).toString("base64");

describe("a plain client", () => {
  it("is told how audio goes, 16 kHz unless it asks for another rate", async () => {
    const { ready, session } = await open();
    expect(ready).toMatchObject({ type: "ready", rate: 16_000, voice: "tr", sector: null, synthetic_only: true });
    expect(session.caller.opening).toEqual({ pcmRate: 16_000, transcriptionOnly: false });
  });

  it("may ask for 24 kHz, and for transcripts alone", async () => {
    const { client, ready, session } = await open("&rate=24000&intent=transcription");
    expect(ready).toMatchObject({ rate: 24_000 });
    expect(session.caller.opening).toEqual({ pcmRate: 24_000, transcriptionOnly: true });
    client.send({ type: "commit" });
    client.send({ type: "settings", silence_ms: 300 });
    await client.next("settings");
    expect(session.events).toMatchObject([
      { type: "input_audio_buffer.commit" },
      { type: "session.update", session: { type: "transcription" } },
    ]);
  });

  it("sends audio as it is; half a sample is refused, and what comes after it is taken", async () => {
    const { client, session } = await open();
    client.socket.send(Buffer.from([1, 0, 2, 0]));
    client.socket.send(Buffer.from([1, 0, 2]));
    client.socket.send(Buffer.from([3, 0]));
    expect(await client.next("error")).toMatchObject({ code: "invalid_audio", message_tr: expect.any(String) });
    await vi.waitFor(() => expect(session.audio).toEqual([Buffer.from([1, 0, 2, 0]), Buffer.from([3, 0])]));
    expect(session.events).toEqual([]);
  });

  it("says the rest in short JSON, which comes to the protocol's events", async () => {
    const { client, session } = await open();
    client.send({ type: "text", text: "Faturam ne kadar?" });
    client.send({ type: "commit" });
    client.send({ type: "clear" });
    client.send({ type: "cancel" });
    // Nothing was spoken yet that could have been played.
    client.send({ type: "played", ms: 100 });
    client.send({ type: "settings", sector: "legal", session_id: "s-1", user_id: "ayşe", record: true });
    client.send({ type: "settings", voice: "tr+f2", speed: 1.2, language: "tr", text_only: true, push_to_talk: true });
    client.send({ type: "settings", silence_ms: 800 });
    for (let i = 0; i < 3; i++) await client.next("settings");
    const update = (session_: object) => ({ type: "session.update", session: { type: "realtime", ...session_ } });
    expect(session.events).toEqual([
      {
        type: "conversation.item.create",
        item: { type: "message", role: "user", content: [{ type: "input_text", text: "Faturam ne kadar?" }] },
      },
      { type: "response.create" },
      { type: "input_audio_buffer.commit" },
      { type: "response.create" },
      { type: "input_audio_buffer.clear" },
      { type: "response.cancel" },
      update({
        audio: { input: {}, output: {} },
        x_sector: "legal",
        x_session_id: "s-1",
        x_user_id: "ayşe",
        x_record: true,
      }),
      update({
        audio: {
          input: { transcription: { language: "tr" }, turn_detection: null },
          output: { voice: "tr+f2", speed: 1.2 },
        },
        output_modalities: ["text"],
      }),
      update({ audio: { input: { turn_detection: { type: "server_vad", silence_duration_ms: 800 } }, output: {} } }),
    ]);
  });

  it("is told what it said wrong, and stays", async () => {
    const { client, session } = await open();
    client.socket.send("merhaba");
    client.send({ type: "sing" });
    client.send({ type: "text" });
    client.send({ type: "played", ms: -1 });
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push(await client.next("error"));
    expect(codes).toMatchObject([
      { code: "malformed_json" },
      { code: "unknown_event", param: "type" },
      { code: "invalid_request", param: "text" },
      { code: "invalid_request", param: "ms" },
    ]);
    client.send({ type: "cancel" });
    await vi.waitFor(() => expect(session.events).toEqual([{ type: "response.cancel" }]));
  });

  it("hears a turn as short JSON with the audio as it is, and says how much of it was played", async () => {
    const { client, session } = await open("", [
      { type: "input_audio_buffer.speech_started", audio_start_ms: 100, item_id: "item_1" },
      { type: "conversation.item.input_audio_transcription.delta", ...heard, delta: "fatu" },
      {
        type: "conversation.item.input_audio_transcription.delta",
        ...heard,
        delta: "",
        x_transcript: "faturam",
        x_synthetic_only: true,
      },
      { type: "input_audio_buffer.speech_stopped", audio_end_ms: 900, item_id: "item_1" },
      { type: "input_audio_buffer.committed", item_id: "item_1", previous_item_id: null },
      {
        type: "conversation.item.input_audio_transcription.completed",
        ...heard,
        transcript: "faturam ne kadar",
        usage: { type: "duration", seconds: 0.8 },
        x_confidence: 0.93,
        x_words: [{ text: "faturam", start_ms: 100, end_ms: 400, confidence: 0.93 }],
        x_synthetic_only: true,
      },
      {
        type: "x.sector",
        response_id: "resp_1",
        session_id: "s-1",
        message_id: "m-1",
        sector: "energy",
        confidence: 0.9,
        routed_by: "router",
        adapter: null,
        alternatives: [],
      },
      { type: "response.output_audio_transcript.delta", ...part, delta: "Elli lira." },
      { type: "response.output_audio.delta", ...part, delta: audio(1, 0) },
      { type: "response.output_audio.delta", ...part, delta: audio(2, 0) },
      { type: "response.output_audio_transcript.done", ...part, transcript: "Elli lira." },
      { type: "response.output_audio.done", ...part },
    ]);
    client.send({ type: "text", text: "x" });
    await client.next("audio-end");
    expect(client.received.slice(1)).toEqual([
      { type: "speech-start", ms: 100 },
      { type: "partial", text: "fatu", synthetic_only: false },
      { type: "partial", text: "faturam", synthetic_only: true },
      { type: "speech-end", ms: 900 },
      {
        type: "final",
        text: "faturam ne kadar",
        confidence: 0.93,
        words: [{ text: "faturam", start_ms: 100, end_ms: 400, confidence: 0.93 }],
        synthetic_only: true,
      },
      {
        type: "sector",
        session_id: "s-1",
        message_id: "m-1",
        sector: "energy",
        confidence: 0.9,
        routed_by: "router",
        adapter: null,
        alternatives: [],
      },
      { type: "reply", delta: "Elli lira." },
      { type: "audio-start", rate: 16_000 },
      Buffer.from([1, 0]),
      Buffer.from([2, 0]),
      { type: "reply-end", text: "Elli lira." },
      { type: "audio-end" },
    ]);
    client.send({ type: "played", ms: 40 });
    const truncate = { type: "conversation.item.truncate", item_id: "item_2", content_index: 0, audio_end_ms: 40 };
    await vi.waitFor(() => expect(session.events.at(-1)).toEqual(truncate));
  });

  it("is told how a reply ended: interrupted, or failed with its code", async () => {
    const response = {
      object: "realtime.response",
      id: "resp_1",
      output: [],
      conversation_id: null,
      output_modalities: ["audio"],
      max_output_tokens: "inf",
      audio: { output: { format: { type: "audio/pcm", rate: 16_000 }, voice: "tr" } },
      usage: null,
      metadata: null,
    } as const;
    const failed = { type: "failed", error: { type: "server_error", code: "synthesizer_unavailable" } } as const;
    const { client } = await open("", [
      { type: "response.done", response: { ...response, status: "completed", status_details: null } },
      {
        type: "response.done",
        response: { ...response, status: "cancelled", status_details: { type: "cancelled", reason: "turn_detected" } },
      },
      { type: "response.done", response: { ...response, status: "failed", status_details: failed } },
    ]);
    client.send({ type: "commit" });
    const endings = [await client.next("done"), await client.next("done"), await client.next("done")];
    expect(endings).toEqual([
      { type: "done", status: "completed", reason: null },
      { type: "done", status: "cancelled", reason: "turn_detected" },
      { type: "done", status: "failed", reason: "synthesizer_unavailable" },
    ]);
  });
});
