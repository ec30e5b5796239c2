import { describe, expect, it } from "vitest";
import { InvalidApiKeyError } from "../../../../services/access/index.ts";
import type { GenerateEvent } from "../../../../services/inference/index.ts";
import type { ClientEvent, ClientEventOf, NewItem, ServerEventType } from "../../../../services/voice/events/index.ts";
import { timingsOf } from "../../../support/scripted-reply.ts";
import { openSpokenSession, type SpokenSession } from "../../../support/spoken-session.ts";

const answer = "Tabii, hemen bakıyorum efendim. Başka bir isteğiniz var mı?";
const respond = { type: "response.create" } as const;
const inWriting: ClientEvent = { type: "session.update", session: { type: "realtime", output_modalities: ["text"] } };

const said = (text: string, id?: string): ClientEventOf<"conversation.item.create"> => ({
  type: "conversation.item.create",
  item: { type: "message", role: "user", content: [{ type: "input_text", text }], ...(id === undefined ? {} : { id }) },
});
const wrote = (item: NewItem): ClientEventOf<"conversation.item.create"> => ({
  type: "conversation.item.create",
  item,
});
const changed = (types: readonly ServerEventType[]) => types.filter((type, at) => type !== types[at - 1]);
const promptOf = (house: SpokenSession, call = 0) => house.engine.calls[call]?.request.prompt;

describe("a reply to written words", () => {
  it("comes in writing where the session wants it", async () => {
    const house = await openSpokenSession();
    await house.send(inWriting);
    house.forgetEvents();
    await house.send(said("legal soru", "mine"));
    await house.send(respond);
    expect(changed(house.types())).toEqual([
      "conversation.item.added",
      "conversation.item.done",
      "response.created",
      "x.sector",
      "response.output_item.added",
      "conversation.item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "conversation.item.done",
      "response.done",
      "x.metrics",
    ]);
    expect(house.last("response.done")?.response).toMatchObject({
      output_modalities: ["text"],
      output: [{ content: [{ type: "output_text", text: answer }] }],
    });
    expect(house.synthesizer.utterances).toHaveLength(0);
    expect(house.last("x.metrics")?.metrics).toMatchObject({ speech_ms: null, confidence: null, audio_ms: 0 });
  });

  it("comes aloud where this one response wants it, in the voice it names", async () => {
    const house = await openSpokenSession();
    await house.send(inWriting);
    await house.send(said("legal soru"));
    await house.send({
      type: "response.create",
      response: { output_modalities: ["audio"], audio: { output: { voice: "tr+f2" } } },
    });
    await house.clock.advance(8000);
    expect(house.synthesizer.utterances[0]?.voice).toBe("tr+f2");
    expect(house.last("response.done")?.response).toMatchObject({ output_modalities: ["audio"] });
    await house.send(said("legal soru"));
    await house.send(respond);
    expect(house.last("response.done")?.response).toMatchObject({ output_modalities: ["text"] });
  });

  it("takes the client's own history for the first turn's, and the stored one afterwards", async () => {
    const house = await openSpokenSession();
    await house.send(inWriting);
    await house.send(said("legal ilk soru"));
    await house.send(
      wrote({ type: "message", role: "assistant", content: [{ type: "output_text", text: "İlk yanıt." }] }),
    );
    await house.send(said("peki sonra"));
    await house.send(respond);
    expect(promptOf(house)).toMatchObject({
      messages: [
        { role: "system" },
        { content: "legal ilk soru" },
        { content: "İlk yanıt." },
        { content: "peki sonra" },
      ],
    });
    expect(house.last("x.sector")).toMatchObject({ sector: "legal", routed_by: "session" });
  });

  it("ends as incomplete where its tokens are used up", async () => {
    const house = await openSpokenSession();
    await house.send(inWriting);
    await house.send(said("legal soru"));
    await house.send({ type: "response.create", response: { max_output_tokens: 2, metadata: { topic: "x" } } });
    expect(house.last("response.done")?.response).toMatchObject({
      status: "incomplete",
      status_details: { reason: "max_output_tokens" },
      max_output_tokens: 2,
      metadata: { topic: "x" },
      output: [{ content: [{ text: "Tabii, hemen" }], status: "incomplete" }],
    });
  });

  it("is not given twice at once, and not where nothing was said", async () => {
    const house = await openSpokenSession({ engine: { firstTokenMs: 60_000 } });
    await house.send(respond);
    expect(house.last("response.done")?.response).toMatchObject({
      status: "failed",
      status_details: { error: { code: "nothing_to_answer" } },
    });
    await house.send(said("legal soru"));
    await house.send(respond);
    await house.send({ ...respond, event_id: "again" });
    expect(house.last("error")).toMatchObject({
      error: { code: "conversation_already_has_active_response", event_id: "again" },
    });
    await house.session.close();
  });

  it("that is refused leaves none of its wishes to the turn that follows", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    await house.say();
    const wishes = {
      instructions: "Korsan gibi konuş.",
      output_modalities: ["text"] as ["text"],
      audio: { output: { voice: "tr+f2" } },
      metadata: { topic: "x" },
    };
    await house.send({ type: "response.create", response: wishes });
    expect(house.last("error")?.error.code).toBe("conversation_already_has_active_response");
    await house.wait(6000);
    await house.say();
    await house.wait(6000);
    expect(house.all("response.done")).toHaveLength(2);
    expect(house.last("response.done")?.response).toMatchObject({
      status: "completed",
      output_modalities: ["audio"],
      metadata: null,
    });
    expect(house.synthesizer.utterances.map(({ voice }) => voice)).not.toContain("tr+f2");
    expect(JSON.stringify(promptOf(house, 1))).not.toContain("Korsan");
  });

  it("is not given under a key that has ended", async () => {
    const requireKey = () => Promise.reject(new InvalidApiKeyError());
    const house = await openSpokenSession({ caller: { requireKey } });
    await house.send(said("legal soru"));
    await house.send(respond);
    expect(house.last("response.done")?.response).toMatchObject({
      status: "failed",
      status_details: { error: { code: "invalid_api_key" } },
    });
    expect(house.engine.calls).toHaveLength(0);
  });

  it("may come first: what to say then stands in its instructions", async () => {
    const house = await openSpokenSession();
    await house.send(inWriting);
    await house.send({ type: "response.create", response: { instructions: "Arayanı selamla." } });
    expect(house.last("response.done")?.response.status).toBe("completed");
    expect(promptOf(house)).toMatchObject({
      messages: [{ content: "Arayanı selamla." }, { content: "Arayanı selamla." }],
    });
  });
});

describe("a reply that is cancelled", () => {
  it("stops at once, model and all, and what was heard of it stays", async () => {
    const house = await openSpokenSession();
    await house.send(said("legal soru"));
    await house.send(respond);
    await house.clock.advance(1000);
    await house.send({ type: "response.cancel" });
    const { length } = house.events;
    expect(house.last("response.done")?.response).toMatchObject({
      status: "cancelled",
      status_details: { reason: "client_cancelled" },
    });
    await house.clock.advance(5000);
    expect(house.events).toHaveLength(length);
    const id = house.last("x.sector")?.session_id ?? "";
    expect((await house.sessions.load(id))?.messages[1]?.content).toBe("Tabii, hemen");
  });

  it("may be truncated before it is cancelled, by a client that stops its playback itself", async () => {
    const house = await openSpokenSession();
    await house.send(said("legal soru"));
    await house.send(respond);
    await house.clock.advance(1000);
    const { item_id: id = "" } = house.last("response.output_audio.delta") ?? {};
    await house.send({ type: "conversation.item.truncate", item_id: id, content_index: 0, audio_end_ms: 700 });
    expect(house.last("conversation.item.truncated")).toMatchObject({ item_id: id, audio_end_ms: 700 });
    await house.send({ type: "response.cancel" });
    await house.send({ type: "conversation.item.truncate", item_id: id, content_index: 0, audio_end_ms: 700 });
    await house.clock.advance(5000);
    const session = await house.sessions.load(house.last("x.sector")?.session_id ?? "");
    expect(session?.messages[1]?.content).toBe("Tabii,");
    expect(house.last("error")).toBeUndefined();
  });

  it("must be there, and be the one that is named", async () => {
    const house = await openSpokenSession({ engine: { firstTokenMs: 60_000 } });
    await house.send({ type: "response.cancel", event_id: "early" });
    await house.send(said("legal soru"));
    await house.send(respond);
    await house.send({ type: "response.cancel", event_id: "other", response_id: "resp_other" });
    const errors = house.all("error").map(({ error }) => [error.code, error.event_id]);
    expect(errors).toEqual([
      ["response_cancel_not_active", "early"],
      ["response_cancel_not_active", "other"],
    ]);
    const { id = "" } = house.last("response.created")?.response ?? {};
    await house.send({ type: "response.cancel", response_id: id });
    expect(house.last("response.done")?.response.status).toBe("cancelled");
    await house.session.close();
  });

  it("is cancelled too where the client clears what it would hear", async () => {
    const house = await openSpokenSession();
    await house.send({ type: "output_audio_buffer.clear" });
    expect(house.last("error")).toBeUndefined();
    await house.send(said("legal soru"));
    await house.send(respond);
    await house.send({ type: "output_audio_buffer.clear" });
    expect(house.last("response.done")?.response.status).toBe("cancelled");
  });
});

describe("a session with functions of its own", () => {
  const tools = [{ type: "function", name: "hava", parameters: { type: "object" } }] as const;
  const call = { id: "call_1", name: "hava", arguments: '{"il":"İzmir"}' };
  const ending = { type: "end", usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 2 } } as const;

  /** The engine calls the function, and answers once it knows what it gave. */
  async function withTools() {
    const house = await openSpokenSession();
    const asked: unknown[] = [];
    house.engine.generate = async function* (request): AsyncGenerator<GenerateEvent> {
      asked.push(request);
      const { prompt } = request;
      const knows = "messages" in prompt && prompt.messages.some(({ role }) => role === "tool");
      if (knows) yield { type: "text-delta", text: "İzmir güneşli." };
      else yield { type: "tool-call", call };
      yield { ...ending, reason: knows ? "stop" : "tool_calls", timings: timingsOf(1, 2, 0, 0) };
    };
    const session = { type: "realtime", output_modalities: ["text"], tools, tool_choice: "auto" } as const;
    await house.send({
      type: "session.update",
      session: { ...session, tools: [...tools], output_modalities: ["text"] },
    });
    return { ...house, asked };
  }

  it("is told to call them, and answers with what they gave", async () => {
    const house = await withTools();
    await house.send(said("legal: İzmir'de hava nasıl"));
    house.forgetEvents();
    await house.send(respond);
    expect(changed(house.types())).toEqual([
      "response.created",
      "x.sector",
      "response.output_item.added",
      "conversation.item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "conversation.item.done",
      "response.done",
      "x.metrics",
    ]);
    expect(house.last("response.function_call_arguments.done")).toMatchObject({
      name: "hava",
      arguments: call.arguments,
      call_id: "call_1",
    });
    await house.send(wrote({ type: "function_call_output", call_id: "call_1", output: '{"derece":31}' }));
    await house.send(respond);
    expect(house.asked[1]).toMatchObject({
      adapterId: "legal@1",
      prompt: {
        tools: [{ name: "hava" }],
        toolChoice: "auto",
        messages: [
          { role: "system", content: "Sen legal uzmanısın." },
          { role: "user" },
          { role: "assistant", toolCalls: [call] },
          { role: "tool", toolCallId: "call_1", content: '{"derece":31}' },
        ],
      },
    });
    const id = house.last("x.sector")?.session_id ?? "";
    expect((await house.sessions.load(id))?.messages.map(({ content }) => content)).toEqual([
      "legal: İzmir'de hava nasıl",
      "İzmir güneşli.",
    ]);
  });
});

describe("a conversation that the client shapes", () => {
  it("goes to the model as it is: its instructions in between, without what was deleted", async () => {
    const house = await openSpokenSession();
    await house.send(inWriting);
    await house.send(said("legal gizli", "secret"));
    await house.send(said("legal açık"));
    await house.send(wrote({ type: "message", role: "system", content: [{ type: "input_text", text: "Adı Ayşe." }] }));
    await house.send({ type: "conversation.item.delete", item_id: "secret" });
    await house.send(respond);
    expect(house.last("conversation.item.deleted")?.item_id).toBe("secret");
    expect(promptOf(house)).toMatchObject({
      messages: [{ content: "Sen legal uzmanısın.\n\nAdı Ayşe." }, { content: "legal açık" }],
    });
  });

  it("is answered outside itself where the client wants that", async () => {
    const house = await openSpokenSession();
    await house.send(inWriting);
    await house.send(said("legal soru", "first"));
    const input = [{ type: "item_reference", id: "first" }] as const;
    await house.send({ type: "response.create", response: { conversation: "none", input } });
    expect(house.last("response.done")?.response).toMatchObject({ status: "completed", conversation_id: null });
    expect(house.all("conversation.item.added")).toHaveLength(1);
    expect(house.rows).toEqual([]);
    await house.send({ type: "response.create", response: { input: [{ type: "item_reference", id: "nobody" }] } });
    expect(house.last("response.done")?.response).toMatchObject({
      status_details: { error: { code: "item_not_found" } },
    });
  });

  it("takes no item of more text than a message may have, in whatever part it stands", async () => {
    const house = await openSpokenSession({ parts: { limits: { maxCharacters: 10, maxMessages: 100 } } });
    await house.send(inWriting);
    const long: readonly NewItem[] = [
      { type: "message", role: "user", content: ["legal", "soruları"].map((text) => ({ type: "input_text", text })) },
      { type: "message", role: "system", content: [{ type: "input_text", text: "Sen bir uzmansın." }] },
      { type: "message", role: "assistant", content: [{ type: "output_audio", transcript: "Buyurun efendim." }] },
      { type: "function_call", name: "ara", arguments: '{"ad":"Ayşe"}' },
      { type: "function_call_output", call_id: "c", output: "0123456789!" },
    ];
    for (const item of long) await house.send(wrote(item));
    await house.send({ type: "response.create", response: { input: [long[0] as NewItem] } });
    expect(house.all("error").map(({ error }) => [error.code, error.param])).toEqual([
      ...long.map(() => ["message_too_long", "item"]),
      ["message_too_long", "response.input"],
    ]);
    expect(house.last("conversation.item.added")).toBeUndefined();
    await house.send(said("legal soru"));
    await house.send(respond);
    expect(house.last("response.done")?.response.status).toBe("completed");
  });

  it("keeps none of the audio that a client gives as ours", async () => {
    const house = await openSpokenSession();
    const content = [{ type: "output_audio", transcript: "Buyurun.", audio: "AAAA" }] as const;
    await house.send(wrote({ type: "message", role: "assistant", content }));
    expect(house.last("conversation.item.added")?.item).toMatchObject({ role: "assistant" });
    expect(JSON.stringify(house.last("conversation.item.added"))).not.toContain("AAAA");
  });

  it("gives back its items, audio written down", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    await house.say();
    const { item_id: id = "" } = house.last("input_audio_buffer.committed") ?? {};
    await house.send({ type: "conversation.item.retrieve", item_id: id });
    expect(house.last("conversation.item.retrieved")?.item).toMatchObject({
      id,
      content: [{ type: "input_audio", transcript: "legal soru" }],
    });
    await house.send({ type: "conversation.item.retrieve", item_id: "nobody", event_id: "mine" });
    expect(house.last("error")).toMatchObject({ error: { code: "item_not_found", event_id: "mine" } });
  });

  it("may hold audio that the client puts there, and its words are found", async () => {
    const house = await openSpokenSession({ recognizer: { hear: () => "legal soru" } });
    await house.send(inWriting);
    const audio = Buffer.alloc(32_000).toString("base64");
    await house.send(wrote({ id: "a", type: "message", role: "user", content: [{ type: "input_audio", audio }] }));
    expect(JSON.stringify(house.last("conversation.item.added"))).not.toContain(audio);
    expect(house.last("conversation.item.input_audio_transcription.completed")).toMatchObject({
      item_id: "a",
      transcript: "legal soru",
    });
    await house.send(respond);
    expect(promptOf(house)).toMatchObject({ messages: [{}, { content: "legal soru" }] });
  });

  it("begins with what the stored conversation it goes on with holds, once", async () => {
    const house = await openSpokenSession();
    await house.sessions.append("earlier", {
      owner: "key-1",
      sector: "legal",
      messages: [
        { id: "m1", role: "user", content: "legal ilk", at: "2025-12-31T00:00:00.000Z" },
        { id: "m2", role: "assistant", content: "İlk yanıt.", at: "2025-12-31T00:00:01.000Z" },
      ],
    });
    await house.send({
      type: "session.update",
      session: { type: "realtime", output_modalities: ["text"], x_session_id: "earlier" },
    });
    await house.send(wrote({ type: "message", role: "system", content: [{ type: "input_text", text: "Adı Ayşe." }] }));
    for (const text of ["legal iki", "legal üç"]) {
      await house.send(said(text));
      await house.send(respond);
    }
    const before = [{ content: "legal ilk" }, { content: "İlk yanıt." }, { content: "legal iki" }];
    expect(promptOf(house, 0)).toMatchObject({ messages: [{ role: "system" }, ...before] });
    expect(promptOf(house, 1)).toMatchObject({
      messages: [{ role: "system" }, ...before, { content: answer }, { content: "legal üç" }],
    });
    expect((await house.sessions.load("earlier"))?.messages).toHaveLength(6);
  });

  it("is answered by the adapter that the address fixes", async () => {
    const house = await openSpokenSession({ caller: { model: "energy@3", sector: "energy" } });
    await house.send(inWriting);
    await house.send(said("legal soru"));
    await house.send(respond);
    expect(house.last("x.sector")).toMatchObject({ sector: "energy", adapter: { version: "3" }, routed_by: "request" });
    await house.send({ type: "session.update", session: { type: "realtime", x_sector: null } });
    await house.send(said("legal soru"));
    await house.send(respond);
    expect(house.last("x.sector")).toMatchObject({ sector: "legal", routed_by: "router" });
  });
});
