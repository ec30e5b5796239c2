import { afterEach, describe, expect, it } from "vitest";
import type { Scope } from "../../../services/access/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway, type GatewayOptions } from "../../support/gateway.ts";
import { gatedLimiter, postAndLeave } from "../../support/gone-client.ts";
import { settle } from "../../support/macrotask.ts";
import { promptText } from "../../support/scripted-reply.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(more: Partial<GatewayOptions> = {}) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"] },
    ...more,
  });
  app = built.app;
  const keyWith = async (...scopes: readonly Scope[]) =>
    await built.apiKeys.create({ name: "x", scopes, sectors: null, userId: null, expiresAt: null });
  const ask = (method: "GET" | "POST" | "DELETE", url: string, key?: string, payload?: object) =>
    built.app.inject({
      method,
      url,
      ...(payload === undefined ? {} : { payload }),
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    });
  return { ...built, keyWith, ask };
}

const chat = { message: "legal soru", session_id: "s" };
const openAi = { session_id: "s", messages: [{ role: "user", content: "legal soru" }] };

describe("a session", () => {
  it.each([
    ["POST", "/api/v1/chat", chat],
    ["POST", "/api/v1/chat", { ...chat, stream: true }],
    ["POST", "/rag", { query: "legal soru", session_id: "s" }],
    ["POST", "/v1/chat/completions", openAi],
    ["POST", "/v1/chat/completions", { ...openAi, stream: true }],
    ["GET", "/v1/sessions/s", undefined],
    ["DELETE", "/v1/sessions/s", undefined],
  ] as const)("is not there for another key than its own: %s %s %j", async (method, url, body) => {
    const { ask, keyWith, sessions, engine } = await open();
    const [own, other] = [(await keyWith("chat")).text, (await keyWith("chat")).text];
    expect((await ask("POST", "/api/v1/chat", own, chat)).statusCode).toBe(200);
    const before = await sessions.load("s");
    const refused = await ask(method, url, other, body);
    const answer = refused.json();
    expect([refused.statusCode, answer.code ?? answer.error.code]).toEqual([404, "session_not_found"]);
    expect(await sessions.load("s")).toEqual(before);
    expect(engine.calls).toHaveLength(1);
    expect((await ask(method, url, own, body)).statusCode).toBe(200);
  });

  it("that is another's looks like one that never was", async () => {
    const { ask, keyWith } = await open();
    const [own, other] = [(await keyWith("chat")).text, (await keyWith("chat")).text];
    await ask("POST", "/api/v1/chat", own, chat);
    for (const method of ["GET", "DELETE"] as const) {
      const [theirs, nobodys] = [
        await ask(method, "/v1/sessions/s", other),
        await ask(method, "/v1/sessions/t", other),
      ];
      expect(theirs.json()).toEqual(nobodys.json());
      expect(theirs.statusCode).toBe(nobodys.statusCode);
    }
  });

  it("of OpenAI's chats is its key's own as well", async () => {
    const { ask, keyWith } = await open();
    const [own, other] = [(await keyWith("chat")).text, (await keyWith("chat")).text];
    await ask("POST", "/v1/chat/completions", own, openAi);
    expect((await ask("POST", "/api/v1/chat", other, chat)).statusCode).toBe(404);
    expect((await ask("POST", "/api/v1/chat", own, chat)).statusCode).toBe(200);
  });

  it("can be read and deleted by administrators who may chat, and not gone on with by them", async () => {
    const { ask, keyWith } = await open();
    const [own, admin] = [(await keyWith("chat")).text, (await keyWith("chat", "admin")).text];
    await ask("POST", "/api/v1/chat", own, chat);
    expect((await ask("GET", "/v1/sessions/s", admin)).json()).toMatchObject({ id: "s", messages: [{}, {}] });
    expect((await ask("POST", "/api/v1/chat", admin, chat)).statusCode).toBe(404);
    expect((await ask("DELETE", "/v1/sessions/s", admin)).json()).toMatchObject({ deleted: true });
    expect((await ask("GET", "/v1/sessions/s", own)).statusCode).toBe(404);
  });

  it("stays its key's when the key is rotated", async () => {
    const { ask, keyWith, apiKeys } = await open();
    const { key, text } = await keyWith("chat");
    await ask("POST", "/api/v1/chat", text, chat);
    const { text: rotated } = await apiKeys.rotate(key.id, 0);
    expect((await ask("POST", "/api/v1/chat", rotated, chat)).statusCode).toBe(200);
    expect((await ask("GET", "/v1/sessions/s", rotated)).json().messages).toHaveLength(4);
  });

  it("from the time before there were keys is the first key's that goes on with it", async () => {
    const { ask, keyWith } = await open();
    await ask("POST", "/api/v1/chat", undefined, chat);
    const [first, second] = [(await keyWith("chat")).text, (await keyWith("chat")).text];
    expect((await ask("GET", "/v1/sessions/s", second)).statusCode).toBe(200);
    expect((await ask("POST", "/api/v1/chat", first, chat)).statusCode).toBe(200);
    expect((await ask("GET", "/v1/sessions/s", second)).statusCode).toBe(404);
    expect((await ask("GET", "/v1/sessions/s", first)).json().messages).toHaveLength(4);
  });

  it("shows the summary of what its prompts no longer hold", async () => {
    const { ask, sessions } = await open();
    await ask("POST", "/api/v1/chat", undefined, chat);
    expect((await ask("GET", "/v1/sessions/s")).json().summary).toBeNull();
    const session = await sessions.load("s");
    await sessions.keepSummary({ id: "s", createdAt: session?.createdAt ?? "" }, { text: "Süre soruldu.", until: "m" });
    expect((await ask("GET", "/v1/sessions/s")).json().summary).toBe("Süre soruldu.");
  });
});

describe.each([
  ["/api/v1/chat", (text: string) => ({ session_id: "s", message: text })],
  ["/v1/chat/completions", (text: string) => ({ session_id: "s", messages: [{ role: "user", content: text }] })],
])("a turn of a session at %s", (url, bodyOf) => {
  it("waits for the one before, and knows what was said in it", async () => {
    const { ask, engine } = await open({ script: { tokenMs: 20, reply: () => ["bir", " iki"] } });
    const replies = await Promise.all(["ilk", "ikinci"].map((text) => ask("POST", url, undefined, bodyOf(text))));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    const [first, second] = engine.calls.map(({ request }) => promptText(request));
    expect(second).toContain("ilk bir iki ikinci");
    expect(first).not.toContain("ikinci");
  });

  it("begins when the client of the one before has left", async () => {
    const { app: gateway, engine } = await open({ script: { tokenMs: 5, reply: () => Array(4000).fill("söz ") } });
    const address = await gateway.listen({ host: "127.0.0.1", port: 0 });
    const leave = new AbortController();
    const post = (text: string, signal: AbortSignal | null) =>
      fetch(`${address}${url}`, {
        method: "POST",
        signal,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...bodyOf(text), stream: true }),
      });
    await post("ilk", leave.signal);
    const waiting = post("ikinci", null);
    engine.follow({ reply: () => ["tamam"] });
    leave.abort();
    expect(await (await waiting).text()).toContain("tamam");
    expect(promptText(engine.calls[1]?.request ?? { prompt: { text: "" } })).not.toContain("ilk");
  });

  it("is not kept from anybody by a client that was gone before it was its turn", async () => {
    const { limiter, places, open: letIn } = gatedLimiter();
    const { app: gateway, ask, engine } = await open({ limiter });
    const user = url === "/api/v1/chat" ? { user_id: "ayşe" } : { user: "ayşe" };
    await postAndLeave(gateway, url, { ...bodyOf("ilk"), ...user }, () => places.asked === 1);
    letIn();
    await settle();
    expect((await ask("POST", url, undefined, bodyOf("ikinci"))).statusCode).toBe(200);
    expect(engine.calls.map(({ request }) => promptText(request))).toEqual([expect.stringContaining("ikinci")]);
  });

  it("shows the model the newest messages and the summary of those before, and is told of when it was kept", async () => {
    const kept: string[] = [];
    const { ask, engine, sessions } = await open({ onKept: (id) => kept.push(id), script: { reply: () => ["yanıt"] } });
    for (let n = 0; n < 8; n++) await ask("POST", url, undefined, bodyOf(`soru-${n}`));
    const session = await sessions.load("s");
    const until = session?.messages[1]?.id ?? "";
    await sessions.keepSummary({ id: "s", createdAt: session?.createdAt ?? "" }, { text: "Eskiden sorulan.", until });
    await ask("POST", url, undefined, bodyOf("son"));
    const prompt = promptText(engine.calls.at(-1)?.request ?? { prompt: { text: "" } });
    expect(prompt).toMatch(/özeti: Eskiden sorulan\. soru-2 yanıt .*soru-7 yanıt son$/);
    expect(kept).toEqual(Array(9).fill("s"));
  });
});
