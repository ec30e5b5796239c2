import { afterEach, describe, expect, it, vi } from "vitest";
import type { Scope } from "../../../../services/access/index.ts";
import { createApiKeys } from "../../../../services/access/kept-api-keys.ts";
import { createMemoryApiKeyStore } from "../../../../services/access/memory-api-key-store.ts";
import { scriptedVoice } from "../../../support/scripted-voice.ts";
import { connectVoice, UpgradeRefused } from "../../../support/voice-client.ts";
import { openVoiceGateway, type VoiceGatewayOptions } from "../../../support/voice-gateway.ts";

type Gateway = Awaited<ReturnType<typeof openVoiceGateway>>;
let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.app.close();
  gateway = undefined;
});

async function open(options: VoiceGatewayOptions = {}) {
  gateway = await openVoiceGateway(options);
  const { apiKeys, wsUrl } = gateway;
  const keyWith = async (facts: { scopes?: readonly Scope[]; sectors?: string[] } = {}) => {
    const { scopes = ["voice"], sectors = null } = facts;
    return (await apiKeys.create({ name: "x", scopes, sectors, userId: null, expiresAt: null })).text;
  };
  const connect = (query = "", more: Parameters<typeof connectVoice>[1] = {}) =>
    connectVoice(`${wsUrl}/v1/realtime${query}`, more);
  const refusal = async (query = "", more: Parameters<typeof connectVoice>[1] = {}): Promise<UpgradeRefused> => {
    try {
      await connect(query, more);
    } catch (refused) {
      if (refused instanceof UpgradeRefused) return refused;
      throw refused;
    }
    throw new Error("It was let in.");
  };
  return { ...gateway, keyWith, connect, refusal };
}

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
const codeOf = (refused: UpgradeRefused) => [
  refused.status,
  (refused.body as { readonly error: { readonly code: string } }).error.code,
];

describe("a client that connects to /v1/realtime", () => {
  it("is told of its session first, in the protocol's shape", async () => {
    const { connect } = await open();
    const client = await connect("?model=auto");
    const created = await client.next("session.created");
    expect(client.received[0]).toBe(created);
    expect(created).toMatchObject({
      event_id: "event_1",
      session: {
        type: "realtime",
        object: "realtime.session",
        model: "auto",
        audio: { input: { format: { type: "audio/pcm", rate: 24_000 }, turn_detection: { type: "server_vad" } } },
      },
    });
  });

  it("has its events handed on in order, and the answers numbered", async () => {
    const { connect, sessions } = await open();
    const client = await connect();
    client.send({ type: "input_audio_buffer.append", audio: Buffer.from([1, 0, 2, 0]).toString("base64") });
    client.send({ type: "input_audio_buffer.commit", event_id: "mine" });
    client.send({ type: "session.update", session: { type: "realtime", instructions: "Kısa konuş." } });
    expect(await client.next("session.updated")).toMatchObject({ event_id: "event_2" });
    expect(sessions[0]?.events).toMatchObject([
      { type: "input_audio_buffer.append", audio: Buffer.from([1, 0, 2, 0]) },
      { type: "input_audio_buffer.commit", event_id: "mine" },
      { type: "session.update", session: { instructions: "Kısa konuş." } },
    ]);
  });

  it("has its events handed on with the length of what it sent", async () => {
    const { connect, sessions } = await open();
    const client = await connect();
    const event = { type: "session.update", session: { type: "realtime", instructions: "Kısa konuş." } };
    client.send(event);
    await client.next("session.updated");
    expect(sessions[0]?.bytes).toEqual([Buffer.byteLength(JSON.stringify(event))]);
  });

  it("is told what was wrong with an event, by the event's own id, and stays", async () => {
    const { connect, sessions } = await open();
    const client = await connect();
    const said = [
      "{",
      "[]",
      JSON.stringify({ event_id: "a" }),
      JSON.stringify({ event_id: "b", type: "response.sing" }),
      JSON.stringify({ event_id: "c", type: "conversation.item.truncate", item_id: "i", content_index: 0 }),
      JSON.stringify({ event_id: "d", type: "input_audio_buffer.append", audio: "%%%%" }),
    ];
    for (const text of said) client.socket.send(text);
    client.socket.send(Buffer.from([0, 1]));
    const errors = [];
    for (let i = 0; i < said.length + 1; i++) errors.push((await client.next("error"))["error"]);
    expect(errors).toMatchObject([
      { type: "invalid_request_error", code: "malformed_json", event_id: null },
      { code: "invalid_request", param: "event", event_id: null },
      { code: "invalid_request", param: "type", event_id: "a" },
      { code: "unknown_event", param: "type", event_id: "b" },
      { code: "invalid_request", param: "audio_end_ms", event_id: "c" },
      { code: "invalid_audio", param: "audio", event_id: "d" },
      { code: "unexpected_binary", event_id: null },
    ]);
    client.send({ type: "response.cancel" });
    await vi.waitFor(() => expect(sessions[0]?.events).toEqual([{ type: "response.cancel" }]));
  });

  it("has its session closed when it leaves in the middle of its audio", async () => {
    const { connect, sessions } = await open();
    const client = await connect();
    client.send({ type: "input_audio_buffer.append", audio: "AAAA" });
    await vi.waitFor(() => expect(sessions[0]?.events).toHaveLength(1));
    client.socket.terminate();
    await vi.waitFor(() => expect(sessions[0]?.closed).toBe(true));
  });

  it("that sends 50 MB at once is closed with 1009, and the others hear nothing of it", async () => {
    const { connect } = await open();
    const [bad, good] = [await connect(), await connect()];
    bad.socket.on("error", () => {});
    bad.socket.send(Buffer.alloc(50 * 1024 * 1024, 65).toString());
    expect((await bad.closed).code).toBe(1009);
    good.send({ type: "session.update", session: { type: "realtime" } });
    await good.next("session.updated");
  });

  it("that reads nothing is closed once too much waits for it", async () => {
    const voice = scriptedVoice((event, { output }) => {
      if (event.type !== "response.create") return;
      const delta = "A".repeat(200_000);
      const part = { response_id: "r", item_id: "i", output_index: 0, content_index: 0, delta };
      for (let i = 0; i < 200; i++) output.send({ type: "response.output_audio.delta", ...part });
    });
    const { connect, sessions } = await open({ voice });
    const client = await connect();
    client.socket.pause();
    client.send({ type: "response.create" });
    await vi.waitFor(() => expect(sessions[0]?.closed).toBe(true), 15_000);
    client.socket.resume();
    // The close lies behind what it has not read; who reads no more by then only sees the end.
    expect([1006, 1008]).toContain((await client.closed).code);
  });

  it("that gives no sign of life is let go", async () => {
    const { connect, sessions } = await open({ socketLimits: { silentMs: 40 } });
    const client = await connect("", { autoPong: false });
    expect((await client.closed).code).toBe(1006);
    await vi.waitFor(() => expect(sessions[0]?.closed).toBe(true));
  });

  it("and only answers pings is kept", async () => {
    const { connect, sessions } = await open({ socketLimits: { silentMs: 1000 } });
    const client = await connect();
    let pings = 0;
    await new Promise<void>((resolve) => {
      client.socket.on("ping", () => {
        if (++pings === 3) resolve();
      });
    });
    expect(sessions[0]?.closed).toBe(false);
  });

  it("is told that its time is up, and closed", async () => {
    const { connect } = await open({ socketLimits: { maxSessionS: 0.05 } });
    const client = await connect();
    expect(await client.next("error")).toMatchObject({ error: { code: "session_expired" } });
    expect(await client.closed).toEqual({ code: 1000, reason: "session_expired" });
  });

  it("is told when the server goes, and the server waits for nobody", async () => {
    const { connect, app, sessions } = await open();
    const clients = [await connect(), await connect()];
    await app.close();
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual([
      { code: 1001, reason: "shutting_down" },
      { code: 1001, reason: "shutting_down" },
    ]);
    expect(sessions.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it("loses nothing but its own connection when a session breaks its promise not to throw", async () => {
    const voice = scriptedVoice((event) => {
      if (event.type === "response.cancel") throw new Error("broken");
    });
    const { connect } = await open({ voice });
    const [bad, good] = [await connect(), await connect()];
    bad.send({ type: "response.cancel" });
    expect(await bad.closed).toEqual({ code: 1011, reason: "session_failed" });
    good.send({ type: "session.update", session: { type: "realtime" } });
    await good.next("session.updated");
  });

  it("is one of two hundred that all get their session", async () => {
    const { connect, sessions } = await open();
    const clients = await Promise.all(Array.from({ length: 200 }, () => connect()));
    for (const client of clients) client.send({ type: "session.update", session: { type: "realtime" } });
    await Promise.all(clients.map((client) => client.next("session.updated")));
    expect(sessions).toHaveLength(200);
    for (const client of clients) client.socket.close();
    await vi.waitFor(() => expect(sessions.every(({ closed }) => closed)).toBe(true));
  });
});

describe("the door", () => {
  it("is closed to who has no key, a wrong one, or one for other things: with HTTP, before anything is upgraded", async () => {
    const { refusal, keyWith } = await open();
    const chatKey = await keyWith({ scopes: ["chat"] });
    expect(codeOf(await refusal())).toEqual([401, "invalid_api_key"]);
    const wrong = await refusal("", bearer("sk-sektor-wrong"));
    expect(wrong.status).toBe(401);
    expect(wrong.body).toMatchObject({ error: { type: "authentication_error", code: "invalid_api_key", param: null } });
    expect(codeOf(await refusal("", bearer(chatKey)))).toEqual([403, "scope_missing"]);
  });

  it("opens to a key in the header, or among the subprotocols, where `realtime` is answered and never the key", async () => {
    const { connect, keyWith, refusal, sessions } = await open();
    const key = await keyWith();
    await connect("", bearer(key));
    const client = await connect("", {
      protocols: ["realtime", `openai-insecure-api-key.${key}`, "openai-beta.realtime-v1"],
    });
    expect(client.socket.protocol).toBe("realtime");
    expect(sessions.map(({ caller }) => caller.caller.keyId)).toEqual([
      expect.any(String),
      sessions[0]?.caller.caller.keyId,
    ]);
    const wrong = await refusal("", { protocols: ["realtime", "openai-insecure-api-key.sk-sektor-wrong"] });
    expect(codeOf(wrong)).toEqual([401, "invalid_api_key"]);
  });

  it("tells the session who comes and what the model in the address stands for", async () => {
    const { connect, keyWith, sessions } = await open();
    const key = await keyWith({ sectors: ["legal"] });
    for (const query of ["", "?model=auto", "?model=legal", "?model=legal%401"]) await connect(query, bearer(key));
    expect(sessions.map(({ caller }) => [caller.model, caller.sector, caller.caller.sectors])).toEqual([
      ["auto", null, ["legal"]],
      ["auto", null, ["legal"]],
      ["legal", "legal", ["legal"]],
      ["legal@1", "legal", ["legal"]],
    ]);
  });

  it("is closed to models that are not there, sectors the key may not use, calls, and questions it does not know", async () => {
    const { refusal, keyWith } = await open();
    const key = bearer(await keyWith({ sectors: ["legal"] }));
    expect(codeOf(await refusal("?model=gpt-realtime", key))).toEqual([404, "model_not_found"]);
    expect(codeOf(await refusal("?model=energy", key))).toEqual([403, "sector_not_allowed"]);
    expect(codeOf(await refusal("?call_id=rtc_1", key))).toEqual([400, "calls_unsupported"]);
    expect(codeOf(await refusal("?mode=loud", key))).toEqual([400, "invalid_request"]);
    expect(codeOf(await refusal("?rate=11025", key))).toEqual([400, "invalid_request"]);
  });

  it("is open to pages of this server and of the origins in the settings, and to no others", async () => {
    const { connect, refusal, url } = await open({ environment: { SEKTOR_CORS_ORIGINS: "https://panel.example" } });
    for (const origin of [url, "https://panel.example"]) await connect("", { headers: { origin } });
    for (const origin of ["https://evil.example", "http://127.0.0.1", "null", "file://"])
      expect(codeOf(await refusal("", { headers: { origin } })), origin).toEqual([403, "origin_refused"]);
  });

  it("closes behind a key that is revoked or expires while its session goes on, and behind no other", async () => {
    let now = Date.now();
    const apiKeys = createApiKeys({ store: createMemoryApiKeyStore(), nowMs: () => now });
    const { connect, sessions } = await open({ apiKeys, socketLimits: { silentMs: 1000 } });
    const wanted = { name: "x", scopes: ["voice"], sectors: null, userId: null } as const;
    const mint = (expiresAt: Date | null) => apiKeys.create({ ...wanted, expiresAt });
    const [revoked, expiring, lasting] = [await mint(null), await mint(new Date(now + 60_000)), await mint(null)];
    const leaving = [await connect("", bearer(revoked.text)), await connect("", bearer(expiring.text))];
    const staying = await connect("", bearer(lasting.text));
    await apiKeys.revoke(revoked.key.id);
    now += 60_000;
    for (const client of leaving) {
      expect(await client.next("error")).toMatchObject({ error: { code: "invalid_api_key" } });
      expect(await client.closed).toEqual({ code: 1008, reason: "key_ended" });
    }
    staying.send({ type: "session.update", session: { type: "realtime" } });
    await staying.next("session.updated");
    await vi.waitFor(() => expect(sessions.map(({ closed }) => closed)).toEqual([true, true, false]));
  });

  it("closes behind a revoked key at once when its session wants to reply", async () => {
    const voice = scriptedVoice((event, { caller }) => {
      if (event.type === "response.create") void caller.requireKey().catch(() => {});
    });
    const { connect, apiKeys, keyWith } = await open({ voice, socketLimits: { silentMs: 600_000 } });
    const client = await connect("", bearer(await keyWith()));
    client.send({ type: "response.create" });
    client.send({ type: "session.update", session: { type: "realtime" } });
    await client.next("session.updated");
    for (const { id } of await apiKeys.list()) await apiKeys.revoke(id);
    client.send({ type: "response.create" });
    expect(await client.closed).toEqual({ code: 1008, reason: "key_ended" });
  });

  it("stays open where keys cannot be looked at for a moment", async () => {
    const away = { now: false };
    const store = createMemoryApiKeyStore();
    const apiKeys = createApiKeys({
      store: {
        ...store,
        bySecretPrefix: async (prefix) => {
          if (away.now) throw new Error("away");
          return await store.bySecretPrefix(prefix);
        },
      },
      freshMs: 0,
      staleMs: 0,
    });
    const { connect, keyWith, sessions } = await open({ apiKeys, socketLimits: { silentMs: 1000 } });
    const client = await connect("", bearer(await keyWith()));
    away.now = true;
    let pings = 0;
    await new Promise<void>((resolve) => {
      client.socket.on("ping", () => {
        if (++pings === 3) resolve();
      });
    });
    expect(sessions[0]?.closed).toBe(false);
  });

  it("lets in as many as the settings say, and the next when one leaves", async () => {
    const { connect, refusal, keyWith, sessions } = await open({ environment: { SEKTOR_VOICE_SESSIONS: "3" } });
    const key = await keyWith();
    const clients = [await connect("", bearer(key)), await connect("", bearer(key)), await connect("", bearer(key))];
    const full = await refusal("", bearer(key));
    expect(codeOf(full)).toEqual([503, "voice_sessions_full"]);
    expect(full.headers["retry-after"]).toBe("5");
    clients[0]?.socket.close();
    await vi.waitFor(() => expect(sessions[0]?.closed).toBe(true));
    await connect("", bearer(key));
  });

  it("lets in as many of one key as the settings say, and others besides", async () => {
    const { connect, refusal, keyWith } = await open({ voiceSettings: { maxSessionsPerKey: 1 } });
    const [one, other] = [await keyWith(), await keyWith()];
    await connect("", bearer(one));
    expect(codeOf(await refusal("", bearer(one)))).toEqual([429, "too_many_voice_sessions"]);
    await connect("", bearer(other));
  });

  it("gives a place back that was refused for another reason", async () => {
    const { connect, refusal, keyWith } = await open({
      environment: { SEKTOR_VOICE_SESSIONS: "1" },
      voiceSettings: { maxSessionsPerKey: 1 },
    });
    const key = await keyWith();
    const client = await connect("", bearer(key));
    expect(codeOf(await refusal("", bearer(key)))).toEqual([503, "voice_sessions_full"]);
    client.socket.terminate();
    await vi.waitFor(() => connect("", bearer(key)));
  });

  it("tells who comes without a WebSocket what is spoken here, and other addresses stay what they are", async () => {
    const { url, wsUrl } = await open();
    const plain = await fetch(`${url}/v1/realtime`);
    expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"]);
    expect(await plain.json()).toMatchObject({ error: { code: "upgrade_required" } });
    const elsewhere = connectVoice(`${wsUrl}/v1/nowhere`);
    await expect(elsewhere).rejects.toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
  });
});
