import { afterEach, describe, expect, it } from "vitest";
import { knowledgePrompt } from "../../../services/conversation/index.ts";
import { EngineUnavailableError } from "../../../services/inference/index.ts";
import type { Knowledge } from "../../../services/retrieval/index.ts";
import { createMemoryKnowledge, type KnowledgeDocument } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import type { Script } from "../../support/scripted-engine.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

const document = (id: string, title: string, text: string): KnowledgeDocument => ({
  id,
  sector: id.split("-")[0] ?? "",
  title,
  text,
  source: `Kanun ${id}`,
});
const notice = document("legal-k01", "İhbar süresi", "Altı aydan az çalışana iki hafta önce bildirim yapılır.");
const pay = document(
  "legal-k02",
  "Kıdem tazminatı",
  "Bir yılını dolduran çalışana her yıl için otuz günlük ücret ödenir.",
);
const meter = document("energy-k01", "Sayaç muayenesi", "Elektrik sayacının muayenesi on yılda bir yapılır.");
const knowledge = createMemoryKnowledge([notice, pay, meter]);

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(script: Script = {}, more: { knowledge?: Knowledge; passages?: number; minScore?: number } = {}) {
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge,
    minScore: 0.05,
    ...more,
    script: { adapters: ["legal@1", "energy@3"], reply: () => ["Otuz", " günlük", " ücret [1]."], ...script },
  });
  app = built.app;
  const post = (url: string, payload: object) => built.app.inject({ method: "POST", url, payload });
  const prompts = () =>
    built.engine.calls.map(({ request }) => ("messages" in request.prompt ? request.prompt.messages : []));
  return { ...built, post, prompts, systemPrompt: () => prompts().at(-1)?.[0]?.content };
}

/** Events of a reply that came whole. */
const eventsOf = (payload: string) =>
  payload
    .split("\n\n")
    .filter((block) => block.trim() !== "")
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1],
      data: /^data: (.*)$/m.exec(block)?.[1] ?? "",
    }))
    .map(({ event, data }) => ({ event, data: data === "[DONE]" ? data : JSON.parse(data) }));

const source = (from: KnowledgeDocument, cited: boolean) => ({
  document: from.id,
  title: from.title,
  chunk: 0,
  score: expect.any(Number),
  sector: from.sector,
  source: from.source,
  cited,
});
const asPassages = (...documents: readonly KnowledgeDocument[]) =>
  documents.map(({ title, text }) => ({ title, text }));

describe("POST /api/v1/chat with the sector's documents", () => {
  it("puts the best passages into the prompt and names them, cited or not", async () => {
    const { post, systemPrompt } = await open();
    const { data } = (await post("/api/v1/chat", { message: "legal kıdem tazminatı ve ihbar süresi" })).json();
    expect(systemPrompt()).toBe(knowledgePrompt("Sen legal uzmanısın.", asPassages(...inOrder(data.sources))));
    expect(data.sources).toHaveLength(2);
    const [first, second] = inOrder(data.sources);
    expect(data.sources).toEqual([source(first, true), source(second, false)]);
  });

  it("streams the sources with the routing, and says at the end which were cited", async () => {
    const { post } = await open();
    const reply = await post("/api/v1/chat", { message: "legal kıdem tazminatı", stream: true });
    const events = eventsOf(reply.payload);
    expect(events[0]).toMatchObject({ event: "routing", data: { sources: [source(pay, false)] } });
    expect(events.at(-1)).toMatchObject({ event: "end", data: { sources: [source(pay, true)] } });
  });

  it("leaves the prompt as it was for use_knowledge: false, for other sectors' questions and where no sector is known", async () => {
    const { post, prompts } = await open();
    const replies = [
      await post("/api/v1/chat", { message: "legal kıdem tazminatı", use_knowledge: false }),
      await post("/api/v1/chat", { message: "telecommunications kıdem tazminatı" }),
      await post("/api/v1/chat", { message: "kıdem tazminatı" }),
    ];
    expect(replies.map((reply) => reply.json().data.sources)).toEqual([[], [], []]);
    expect(prompts().map((messages) => messages[0]?.content)).toEqual([
      "Sen legal uzmanısın.",
      "Sen telecommunications uzmanısın.",
      "Sen bir asistansın.",
    ]);
  });

  it("finds what a follow-up is about in the question before it, and nothing for thanks", async () => {
    const { post } = await open();
    const ask = async (message: string) =>
      (await post("/api/v1/chat", { message, sector: "legal", session_id: "s" })).json().data.sources;
    expect(await ask("kıdem tazminatı")).toMatchObject([{ document: "legal-k02" }]);
    expect(await ask("Peki kime gidilir?")).toMatchObject([{ document: "legal-k02" }]);
    expect(await ask("Teşekkürler")).toEqual([]);
  });

  it("keeps what was said in the session, not the passages", async () => {
    const { post, sessions, prompts } = await open();
    await post("/api/v1/chat", { message: "legal kıdem tazminatı", session_id: "s" });
    const kept = await sessions.load("s");
    expect(kept?.messages.map(({ content }) => content)).toEqual(["legal kıdem tazminatı", "Otuz günlük ücret [1]."]);
    await post("/api/v1/chat", { message: "legal ihbar", session_id: "s" });
    expect(
      prompts()
        .at(-1)
        ?.filter(({ role }) => role === "system"),
    ).toHaveLength(1);
  });

  it("counts searches by sector and by what they found", async () => {
    const { app: gateway, post } = await open();
    await post("/api/v1/chat", { message: "legal kıdem tazminatı" });
    await post("/api/v1/chat", { message: "legal zzzz" });
    const { payload } = await gateway.inject("/metrics");
    expect(payload).toContain('sektor_knowledge_searches_total{sector="legal",found="true"} 1');
    expect(payload).toContain('sektor_knowledge_searches_total{sector="legal",found="false"} 1');
  });

  const inOrder = (sources: readonly { document: string }[]): [KnowledgeDocument, KnowledgeDocument] => {
    const [a, b] = sources.map((one) => [notice, pay, meter].find(({ id }) => id === one.document));
    if (a === undefined || b === undefined) throw new Error("Two known sources were expected.");
    return [a, b];
  };
});

describe("POST /rag", () => {
  it("answers from the documents and names all that were found, of which the prompt holds as many as the settings say", async () => {
    const { post, systemPrompt } = await open({}, { passages: 1 });
    const reply = await post("/rag", { query: "legal kıdem tazminatı, ihbar" });
    expect(reply.statusCode).toBe(200);
    const { answer, sources } = reply.json();
    expect(answer).toBe("Otuz günlük ücret [1].");
    expect(sources).toHaveLength(2);
    expect(Object.keys(sources[0]).sort()).toEqual(["chunk", "document", "score", "sector", "title"]);
    expect(systemPrompt()?.match(/^\[\d\]/gm)).toEqual(["[1]"]);
  });

  it("finds no more than k", async () => {
    const { post } = await open();
    const { sources } = (await post("/rag", { query: "legal kıdem tazminatı, ihbar", k: 1 })).json();
    expect(sources).toHaveLength(1);
  });

  it("searches the sector it is told, and all of them where none is known", async () => {
    const { post } = await open();
    const forced = (await post("/rag", { query: "sayaç muayenesi", sector: "legal" })).json();
    expect(forced.sources).toEqual([]);
    const anywhere = (await post("/rag", { query: "sayaç muayenesi" })).json();
    expect(anywhere.sources[0]).toMatchObject({ document: "energy-k01", sector: "energy" });
  });

  it("says that the documents hold no answer, without asking the model", async () => {
    const { post, engine } = await open();
    const reply = await post("/rag", { query: "legal qwzx" });
    expect(reply.json()).toEqual({ answer: expect.stringMatching(/^Belgelerde .* bulamadım\.$/), sources: [] });
    expect(engine.calls).toEqual([]);
  });

  it("streams sources, text and the whole at the end", async () => {
    const { post } = await open();
    const events = eventsOf((await post("/rag", { query: "legal kıdem tazminatı", stream: true })).payload);
    expect(events.map(({ event }) => event)).toEqual(["sources", "delta", "delta", "delta", "end"]);
    expect(events[0]?.data).toMatchObject({ sources: [{ document: "legal-k02" }] });
    expect(events.at(-1)?.data).toMatchObject({
      answer: "Otuz günlük ücret [1].",
      sources: [{ document: "legal-k02" }],
    });
  });

  it("keeps the turn in the session it is given, and nothing without one", async () => {
    const { post, sessions } = await open();
    await post("/rag", { query: "legal kıdem tazminatı" });
    // The first id that is made is the session's, as a chat without one shows.
    expect(await sessions.load("id-1")).toBeUndefined();
    await post("/rag", { query: "legal kıdem tazminatı", session_id: "s" });
    expect((await sessions.load("s"))?.messages).toHaveLength(2);
  });

  it.each([
    [{}, 400, "invalid_request"],
    [{ query: "   " }, 400, "empty_message"],
    [{ query: "soru", k: 10 }, 400, "invalid_request"],
    [{ query: "soru", k: 0 }, 400, "invalid_request"],
    [{ query: 3 }, 400, "invalid_request"],
    [{ query: "soru", sector: "yok" }, 400, "unknown_sector"],
    [{ query: "x".repeat(1001) }, 413, "message_too_long"],
  ])("refuses %j with %i %s and a detail", async (body, status, code) => {
    const { post } = await open();
    const reply = await post("/rag", body);
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toMatchObject({ status, code, detail: expect.stringMatching(/\S/) });
  });

  it("fails with 500, a detail and the failure's own code", async () => {
    const { post } = await open({ fault: { afterTokens: 0, error: () => new EngineUnavailableError(2) } });
    const reply = await post("/rag", { query: "legal kıdem tazminatı" });
    expect(reply.statusCode).toBe(500);
    expect(reply.headers["retry-after"]).toBe("2");
    expect(reply.json()).toMatchObject({
      status: 500,
      code: "engine_unavailable",
      detail: expect.stringMatching(/\S/),
    });
  });

  it("fails with 500 when the documents cannot be searched", async () => {
    const broken = { search: async () => Promise.reject(new Error("disk")) };
    const { post } = await open({}, { knowledge: broken });
    const reply = await post("/rag", { query: "legal soru" });
    expect(reply.json()).toMatchObject({ status: 500, code: "internal", detail: "Bizim tarafımızda bir hata oluştu." });
  });
});

describe("POST /v1/chat/completions with context", () => {
  const messages = [{ role: "user", content: "legal kıdem tazminatı" }];

  it("puts the caller's context and documents into the prompt, numbered", async () => {
    const { post, systemPrompt } = await open();
    const reply = await post("/v1/chat/completions", {
      messages,
      rag_context: "Bağlam metni.",
      documents: [{ title: "Yönerge", text: "Madde bir." }, "Yalnız metin.", { text: " " }],
    });
    expect(reply.statusCode).toBe(200);
    expect(systemPrompt()).toBe(
      "Sen legal uzmanısın.\n\nKaynaklara dayanarak yanıtla, kullandığın kaynağı [1] gibi göster.\n" +
        "[1] Bağlam metni.\n[2] Yönerge: Madde bir.\n[3] Yalnız metin.",
    );
    expect(reply.json()).not.toHaveProperty("sources");
  });

  it("keeps the caller's own system message, with the context behind it", async () => {
    const { post, prompts } = await open();
    await post("/v1/chat/completions", {
      messages: [{ role: "system", content: "Kısa yaz." }, ...messages],
      rag_context: "Bağlam.",
    });
    expect(prompts()[0]?.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(prompts()[0]?.[0]?.content).toBe(knowledgePrompt("Kısa yaz.", [{ text: "Bağlam." }]));
  });

  it("asks the sector's documents only when told to", async () => {
    const { post, systemPrompt } = await open();
    await post("/v1/chat/completions", { messages });
    expect(systemPrompt()).toBe("Sen legal uzmanısın.");
  });

  it("joins the sector's documents to the caller's, and names those that are cited by their number", async () => {
    const { post, systemPrompt } = await open({ reply: () => ["Bkz.", " [2]."] });
    const body = { messages, rag_context: "Bağlam.", use_knowledge: true };
    const reply = (await post("/v1/chat/completions", body)).json();
    expect(systemPrompt()).toBe(knowledgePrompt("Sen legal uzmanısın.", [{ text: "Bağlam." }, ...asPassages(pay)]));
    expect(reply.sources).toEqual([source(pay, true)]);
  });

  it("streams the sources with the first chunk and, cited or not, with the last", async () => {
    const { post } = await open();
    const reply = await post("/v1/chat/completions", { messages, use_knowledge: true, stream: true });
    const chunks = eventsOf(reply.payload).map(({ data }) => data);
    expect(chunks[0]).toMatchObject({ sources: [source(pay, false)] });
    expect(chunks.at(-2)).toMatchObject({ sources: [source(pay, true)], choices: [{ finish_reason: "stop" }] });
    expect(chunks.at(-1)).toBe("[DONE]");
  });

  it("refuses documents of another shape", async () => {
    const { post } = await open();
    const reply = await post("/v1/chat/completions", { messages, documents: [{ title: "metinsiz" }] });
    expect(reply.statusCode).toBe(400);
    expect(reply.json().error.code).toBe("invalid_request");
  });
});

it("the API description tells the sources' shape and the new address", async () => {
  const { app: gateway } = await open();
  const api = (await gateway.inject("/openapi.json")).json();
  const ragReply = api.paths["/rag"].post.responses["200"].content["application/json"].schema;
  expect(Object.keys(ragReply.properties)).toEqual(["answer", "sources"]);
  const chatReply = api.paths["/api/v1/chat"].post.responses["200"].content["application/json"].schema;
  expect(chatReply.properties.data.properties.sources.items.required.sort()).toEqual(
    Object.keys(source(pay, true)).sort(),
  );
});
