import type { RealtimeClientEvent } from "openai/resources/realtime/realtime";
import { describe, expect, it } from "vitest";
import { type ClientEvent, parseClientEvent } from "../../../../services/voice/events/index.ts";

const parse = (event: unknown) => parseClientEvent(JSON.stringify(event));
const read = (event: unknown): ClientEvent => {
  const parsed = parse(event);
  if ("refusal" in parsed) throw parsed.refusal;
  return parsed.event;
};
const fault = (event: unknown) => {
  const parsed = parse(event);
  if (!("refusal" in parsed)) throw new Error("It was taken.");
  return [parsed.refusal.code, parsed.refusal.param];
};
const session = (patch: object) => read({ type: "session.update", session: { type: "realtime", ...patch } });
const sessionFault = (patch: object) => fault({ type: "session.update", session: { type: "realtime", ...patch } });
const message = (role: string, ...content: unknown[]) => ({ type: "message", role, content });
const itemFault = (item: unknown) => fault({ type: "conversation.item.create", item });

describe("a client's event", () => {
  /** One of each kind; the compiler says when OpenAI's client learns another. */
  const one: { readonly [T in RealtimeClientEvent["type"]]: Extract<RealtimeClientEvent, { type: T }> } = {
    "session.update": {
      type: "session.update",
      session: {
        type: "realtime",
        instructions: "Kısa konuş.",
        output_modalities: ["audio"],
        max_output_tokens: 200,
        tool_choice: "auto",
        tools: [{ type: "function", name: "fatura_getir", description: "Fatura", parameters: { type: "object" } }],
        audio: {
          input: {
            format: { type: "audio/pcm", rate: 24_000 },
            noise_reduction: { type: "near_field" },
            transcription: { model: "whisper-1", language: "tr", prompt: "fatura" },
            turn_detection: { type: "semantic_vad", eagerness: "high", interrupt_response: false },
          },
          output: { format: { type: "audio/pcmu" }, voice: "alloy", speed: 1.1 },
        },
        include: ["item.input_audio_transcription.logprobs"],
        tracing: "auto",
        truncation: "auto",
        prompt: null,
      },
    },
    "input_audio_buffer.append": { type: "input_audio_buffer.append", audio: "AQACAA==" },
    "input_audio_buffer.commit": { type: "input_audio_buffer.commit", event_id: "e1" },
    "input_audio_buffer.clear": { type: "input_audio_buffer.clear" },
    "output_audio_buffer.clear": { type: "output_audio_buffer.clear" },
    "conversation.item.create": {
      type: "conversation.item.create",
      previous_item_id: "root",
      item: { type: "message", role: "user", content: [{ type: "input_text", text: "Merhaba" }] },
    },
    "conversation.item.retrieve": { type: "conversation.item.retrieve", item_id: "item_1" },
    "conversation.item.truncate": {
      type: "conversation.item.truncate",
      item_id: "item_1",
      content_index: 0,
      audio_end_ms: 1500,
    },
    "conversation.item.delete": { type: "conversation.item.delete", item_id: "item_1" },
    "response.create": {
      type: "response.create",
      response: {
        conversation: "none",
        instructions: "Tek sözcük.",
        output_modalities: ["text"],
        metadata: { konu: "deneme" },
        max_output_tokens: "inf",
        tool_choice: { type: "function", name: "fatura_getir" },
        audio: { output: { format: { type: "audio/pcma" }, voice: { id: "tr" } } },
        input: [{ type: "function_call_output", call_id: "call_1", output: "{}" }],
      },
    },
    "response.cancel": { type: "response.cancel", response_id: "resp_1" },
  };

  it.each(Object.values(one))("of the protocol is taken as it is: $type", (event) => {
    const expected =
      event.type === "input_audio_buffer.append" ? { ...event, audio: Buffer.from([1, 0, 2, 0]) } : event;
    expect(read(event)).toEqual(expected);
  });

  it("may hold every kind of item", () => {
    const items = [
      message("system", { type: "input_text", text: "Kurallar" }),
      message("user", { type: "input_audio", audio: "AAA=", transcript: null }, { type: "input_text", text: "Ek" }),
      message("assistant", { type: "output_text", text: "Tamam" }, { type: "output_audio", transcript: "Tamam" }),
      { type: "function_call", name: "fatura_getir", arguments: "{}", call_id: "call_1" },
      { type: "function_call_output", call_id: "call_1", output: "{}" },
    ];
    for (const item of items) expect(read({ type: "conversation.item.create", item })).toMatchObject({ item });
    const input = [...items, { type: "item_reference", id: "item_1" }];
    expect(read({ type: "response.create", response: { input } })).toMatchObject({ response: { input } });
  });

  it("brings into the conversation nothing but the fields of an item that we know", () => {
    const known = { type: "message", role: "user", content: [{ type: "input_text", text: "legal" }] };
    const more = { ...known, content: [{ ...known.content[0], weight: "x" }], weight: "x" };
    expect(read({ type: "conversation.item.create", item: more })).toEqual({
      type: "conversation.item.create",
      item: known,
    });
    const call = { type: "function_call", name: "ara", arguments: "{}" };
    expect(read({ type: "conversation.item.create", item: { ...call, weight: "x" } })).toMatchObject({
      item: expect.toSatisfy((item: object) => !("weight" in item)),
    });
  });

  it("may ask for what is ours", () => {
    const ours = { x_sector: "legal", x_session_id: "s-1", x_record: true, x_user_id: "ayşe" };
    expect(session(ours)).toMatchObject({ session: ours });
    expect(session({ x_sector: null })).toMatchObject({ session: { x_sector: null } });
  });
});

describe("a client's event in the names of the beta", () => {
  it("is put into the present ones: a session", () => {
    const beta = {
      type: "session.update",
      session: {
        modalities: ["text", "audio"],
        instructions: "Kısa konuş.",
        voice: "alloy",
        speed: 1.2,
        input_audio_format: "g711_ulaw",
        output_audio_format: "pcm16",
        input_audio_transcription: { model: "whisper-1" },
        turn_detection: { type: "server_vad", threshold: 0.6 },
        max_response_output_tokens: 300,
        temperature: 0.8,
      },
    };
    expect(read(beta)).toMatchObject({
      type: "session.update",
      session: {
        type: "realtime",
        output_modalities: ["audio"],
        instructions: "Kısa konuş.",
        max_output_tokens: 300,
        audio: {
          input: {
            format: { type: "audio/pcmu" },
            transcription: { model: "whisper-1" },
            turn_detection: { type: "server_vad", threshold: 0.6 },
          },
          output: { format: { type: "audio/pcm" }, voice: "alloy", speed: 1.2 },
        },
      },
    });
  });

  it("turns detection off with null, at the top as below", () => {
    expect(session({ turn_detection: null })).toMatchObject({
      session: { audio: { input: { turn_detection: null } } },
    });
  });

  it("is put into the present ones: a transcription session", () => {
    const beta = { type: "transcription_session.update", session: { input_audio_format: "g711_alaw" } };
    expect(read(beta)).toEqual({
      type: "session.update",
      session: {
        type: "transcription",
        input_audio_format: "g711_alaw",
        audio: { input: { format: { type: "audio/pcma" } } },
      },
    });
  });

  it("is put into the present ones: a response and its items", () => {
    const beta = {
      type: "response.create",
      response: {
        modalities: ["text"],
        voice: "echo",
        output_audio_format: "g711_ulaw",
        max_response_output_tokens: "inf",
        input: [message("user", { type: "text", text: "a" }), message("assistant", { type: "text", text: "b" })],
      },
    };
    expect(read(beta)).toMatchObject({
      response: {
        output_modalities: ["text"],
        max_output_tokens: "inf",
        audio: { output: { voice: "echo", format: { type: "audio/pcmu" } } },
        input: [
          message("user", { type: "input_text", text: "a" }),
          message("assistant", { type: "output_text", text: "b" }),
        ],
      },
    });
    const spoken = message("assistant", { type: "audio", transcript: "b" });
    expect(read({ type: "conversation.item.create", item: spoken })).toMatchObject({
      item: { content: [{ type: "output_audio", transcript: "b" }] },
    });
  });

  it("gives way to the present names where both stand", () => {
    const both = {
      voice: "echo",
      audio: { output: { voice: "sage" } },
      modalities: ["text"],
      output_modalities: ["audio"],
    };
    expect(session(both)).toMatchObject({
      session: { output_modalities: ["audio"], audio: { output: { voice: "sage" } } },
    });
  });
});

describe("a client's event that cannot be meant", () => {
  it("is refused by its field", () => {
    expect(sessionFault({ output_modalities: ["text", "audio"] })).toEqual([
      "invalid_request",
      "session.output_modalities",
    ]);
    expect(sessionFault({ max_output_tokens: 0 })).toEqual(["invalid_request", "session.max_output_tokens"]);
    expect(sessionFault({ audio: "loud" })).toEqual(["invalid_request", "session.audio"]);
    expect(sessionFault({ audio: { output: { speed: 9 } } })).toEqual([
      "invalid_request",
      "session.audio.output.speed",
    ]);
    expect(sessionFault({ tools: [{ type: "mcp", server_label: "x" }] })).toEqual([
      "invalid_request",
      "session.tools.0.name",
    ]);
    expect(sessionFault({ prompt: { id: "p" } })).toEqual(["invalid_request", "session.prompt"]);
    expect(fault({ type: "session.update" })).toEqual(["invalid_request", "session"]);
    expect(fault({ type: "conversation.item.delete", item_id: 7 })).toEqual(["invalid_request", "item_id"]);
    expect(fault({ type: "response.create", response: { conversation: "mine" } })).toEqual([
      "invalid_request",
      "response.conversation",
    ]);
  });

  it("is refused when its audio has another rate or is of another kind than is taken here", () => {
    const format = (value: object) => sessionFault({ audio: { input: { format: value } } });
    expect(format({ type: "audio/pcm", rate: 44_100 })).toEqual(["invalid_request", "session.audio.input.format.rate"]);
    expect(format({ type: "audio/aac" })).toEqual(["invalid_request", "session.audio.input.format.type"]);
    expect(sessionFault({ input_audio_format: "mp3" })).toEqual(["invalid_request", "session.audio.input.format.type"]);
  });

  it("is refused when an item is none, says what its role does not say, or lacks a part", () => {
    expect(itemFault({ type: "mcp_call" })).toEqual(["invalid_request", "item.type"]);
    expect(itemFault("x")).toEqual(["invalid_request", "item"]);
    expect(itemFault(message("robot"))).toEqual(["invalid_request", "item.role"]);
    expect(itemFault(message("user", { type: "input_image", image_url: "x" }))).toEqual([
      "unsupported_content",
      "item.content.0.type",
    ]);
    expect(itemFault(message("system", { type: "output_text", text: "x" }))).toEqual([
      "unsupported_content",
      "item.content.0.type",
    ]);
    expect(itemFault(message("user", { type: "input_text" }))).toEqual(["invalid_request", "item.content.0.text"]);
    expect(itemFault({ type: "function_call_output", output: "x" })).toEqual(["invalid_request", "item.call_id"]);
    const referring = { type: "response.create", response: { input: [{ type: "item_reference" }] } };
    expect(fault(referring)).toEqual(["invalid_request", "response.input.0.id"]);
  });

  it("is refused when its audio is no base64, whatever is wrong with it", () => {
    for (const audio of ["A", "AA A", "%%%%", "AAAA=AAA", "AAA🎤"])
      expect(fault({ type: "input_audio_buffer.append", audio }), audio).toEqual(["invalid_audio", "audio"]);
    expect(read({ type: "input_audio_buffer.append", audio: "" })).toMatchObject({ audio: Buffer.alloc(0) });
  });

  it("is refused when it bears the name of what every object has", () => {
    for (const type of ["constructor", "__proto__", "toString"])
      expect(fault({ type })).toEqual(["unknown_event", "type"]);
    expect(itemFault({ type: "constructor" })).toEqual(["invalid_request", "item.type"]);
  });

  it("never throws, whatever comes", () => {
    const texts = [
      "",
      "null",
      "0",
      '"x"',
      "[{}]",
      "{}",
      '{"type":{}}',
      '{"type":"session.update","session":[]}',
      "\u0000",
    ];
    for (const text of texts) expect(parseClientEvent(text), text).toHaveProperty("refusal");
    const event = parse({ type: "nein", event_id: "e".repeat(1000) });
    expect("refusal" in event && event.eventId).toHaveLength(512);
  });
});
