import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { scriptedVoice } from "../../../support/scripted-voice.ts";
import { selfSigned, withTls } from "../../../support/tls.ts";
import { openVoiceGateway } from "../../../support/voice-gateway.ts";

const pair = selfSigned();
const response = {
  object: "realtime.response",
  id: "resp_1",
  status: "completed",
  status_details: null,
  output: [],
  conversation_id: "conv_1",
  output_modalities: ["audio"],
  max_output_tokens: "inf",
  audio: { output: { format: { type: "audio/pcm", rate: 24_000 }, voice: "tr" } },
  usage: null,
  metadata: null,
} as const;
const part = { response_id: "resp_1", item_id: "item_1", output_index: 0, content_index: 0 };
const voice = () =>
  scriptedVoice((event, { output }) => {
    if (event.type !== "response.create") return;
    output.send({ type: "response.created", response: { ...response, status: "in_progress" } });
    output.send({ type: "response.output_audio_transcript.delta", ...part, delta: "Merhaba." });
    output.send({ type: "response.output_audio.delta", ...part, delta: Buffer.from([1, 0]).toString("base64") });
    output.send({ type: "response.done", response });
  });

type Stock = OpenAIRealtimeWS | OpenAIRealtimeWebSocket;

/** Speaks a word and asks for the answer, as the client's own documentation does. */
async function converse(client: Stock) {
  const failures: Error[] = [];
  client.on("error", (failure) => failures.push(failure));
  const names: string[] = [];
  client.on("event", ({ type }) => names.push(type));
  const session = await new Promise((resolve) => client.once("session.created", (event) => resolve(event.session)));
  client.send({
    type: "session.update",
    session: { type: "realtime", instructions: "Kısa yanıt ver.", audio: { output: { voice: "marin" } } },
  });
  client.send({ type: "input_audio_buffer.append", audio: Buffer.from([0, 0]).toString("base64") });
  client.send({ type: "response.create" });
  let text = "";
  let audio = "";
  client.on("response.output_audio_transcript.delta", ({ delta }) => {
    text += delta;
  });
  client.on("response.output_audio.delta", ({ delta }) => {
    audio += delta;
  });
  const done = await new Promise((resolve) => client.once("response.done", resolve));
  client.close();
  return { session, names, text, audio, done, failures };
}

const heard = {
  session: expect.objectContaining({ type: "realtime", model: "legal" }),
  names: [
    "session.created",
    "session.updated",
    "response.created",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.done",
  ],
  text: "Merhaba.",
  audio: "AQA=",
  done: expect.objectContaining({ response: expect.objectContaining({ status: "completed" }) }),
  failures: [],
};

describe("OpenAI's own realtime clients", () => {
  let gateway: Awaited<ReturnType<typeof openVoiceGateway>>;
  let secure: Awaited<ReturnType<typeof withTls>>;
  let openai: OpenAI;

  beforeAll(async () => {
    gateway = await openVoiceGateway({ voice: voice() });
    secure = await withTls(gateway.app.server, pair);
    const key = await gateway.apiKeys.create({
      name: "x",
      scopes: ["voice"],
      sectors: null,
      userId: null,
      expiresAt: null,
    });
    openai = new OpenAI({ apiKey: key.text, baseURL: `${secure.url}/v1` });
  });
  afterAll(async () => {
    await secure.close();
    await gateway.app.close();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("that runs in Node holds a conversation over TLS", async () => {
    const client = new OpenAIRealtimeWS({ model: "legal", options: { ca: pair.cert } }, openai);
    expect(await converse(client)).toEqual(heard);
    expect(gateway.sessions.at(-1)?.events.map(({ type }) => type)).toEqual([
      "session.update",
      "input_audio_buffer.append",
      "response.create",
    ]);
  });

  it("that runs in browsers holds the same one, with its key among the subprotocols", async () => {
    // Node 20 has no WebSocket of its own; the browser's interface is the same.
    vi.stubGlobal("WebSocket", WebSocket);
    const onURL = (url: URL) => {
      url.protocol = "ws:";
      url.port = new URL(gateway.url).port;
    };
    const client = new OpenAIRealtimeWebSocket({ model: "legal", onURL, dangerouslyAllowBrowser: true }, openai);
    expect(await converse(client)).toEqual(heard);
  });

  it("raise our errors as their own", async () => {
    const client = new OpenAIRealtimeWS({ model: "auto", options: { ca: pair.cert } }, openai);
    const raised = new Promise((resolve) => client.once("error", resolve));
    await new Promise((resolve) => client.once("session.created", resolve));
    client.send({ type: "conversation.item.retrieve", item_id: "", event_id: "mine" });
    expect(await raised).toMatchObject({ error: { code: "invalid_request", param: "item_id", event_id: "mine" } });
    client.close();
  });

  it("are told of a wrong key by the refusal of the connection", async () => {
    const stranger = new OpenAI({ apiKey: "sk-sektor-wrong", baseURL: `${secure.url}/v1` });
    const client = new OpenAIRealtimeWS({ model: "auto", options: { ca: pair.cert } }, stranger);
    const raised = await new Promise<Error>((resolve) => client.once("error", resolve));
    expect(raised.message).toContain("401");
  });
});
