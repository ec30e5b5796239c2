import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTurkish } from "../../scripts/eval/answers/language.ts";
import { json } from "../support/json.ts";
import { readEvents } from "../support/read-events.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

let serve: ServeProcess;
beforeAll(async () => {
  serve = await startServe();
});
afterAll(async () => {
  await serve?.stop();
});

const chat = (body: object, headers: Record<string, string> = {}) =>
  fetch(`${serve.url}/api/v1/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

const questions = [
  ["finance_banking", "Kredi kartı borcumu yapılandırmak istiyorum"],
  ["energy_distribution", "Mahallede elektrik kesildi, ne zaman gelir?"],
  ["healthcare", "Dahiliye polikliniğinden randevu almak istiyorum"],
  ["legal", "İşten çıkarıldım, kıdem tazminatı için dava açabilir miyim?"],
  ["agriculture", "Domates fidelerinin yaprakları sararıyor, ne yapmalıyım?"],
  ["telecommunications", "Yurt dışında telefon hattımı kullanmak için ne yapmam gerekiyor?"],
  ["insurance", "Kasko poliçem için hasar dosyası açtırmak istiyorum"],
] as const;

describe("POST /api/v1/chat", () => {
  it.each(questions)("routes to %s by itself and answers in Turkish from its adapter", async (sector, message) => {
    // Greedy: what a tiny model says by chance is no promise.
    const reply = await chat({ message, temperature: 0 });
    expect(reply.status).toBe(200);
    const { success, data } = await json(reply);
    expect(success).toBe(true);
    expect(data).toMatchObject({
      sector,
      routed_by: "router",
      adapter: { name: sector, version: "3" },
      tool_calls: [],
    });
    for (const source of data.sources) expect(source).toMatchObject({ sector, chunk: 0 });
    expect(data.confidence).toBeGreaterThan(0.3);
    expect(data.response.length).toBeGreaterThan(10);
    expect(isTurkish(data.response), data.response).toBe(true);
    expect(data.usage.total_tokens).toBe(data.usage.prompt_tokens + data.usage.completion_tokens);
    expect(data.alternatives).toHaveLength(3);
  });

  it("takes the caller's sector for granted", async () => {
    const { data } = await json(chat({ message: "Merhaba", sector: "legal" }));
    expect(data).toMatchObject({ sector: "legal", confidence: 1, routed_by: "request", adapter: { name: "legal" } });
  });

  it("answers what belongs to no sector from the base model and says so", async () => {
    const { data } = await json(chat({ message: "Bana bir fıkra anlatır mısın?" }));
    expect(data).toMatchObject({ sector: null, routed_by: "fallback", adapter: null });
  });

  it("accepts the address with a trailing slash", async () => {
    const reply = await fetch(`${serve.url}/api/v1/chat/`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: "Merhaba", max_tokens: 4 }),
    });
    expect(reply.status).toBe(200);
  });

  it("streams routing, words and an end that repeats the whole reply", async () => {
    // A quoted reply comes in few pieces: what need not be chosen is sent at once.
    const reply = await chat({ message: questions[0][1], stream: true, use_knowledge: false });
    expect(reply.headers.get("content-type")).toContain("text/event-stream");
    const events: { event: string | undefined; data: { text?: string } }[] = [];
    for await (const { event, data } of readEvents(reply)) events.push({ event, data: JSON.parse(data) });
    expect(events[0]).toMatchObject({ event: "routing", data: { sector: "finance_banking", routed_by: "router" } });
    const text = events
      .filter(({ event }) => event === "delta")
      .map(({ data }) => data.text)
      .join("");
    expect(events.at(-1)).toMatchObject({ event: "end", data: { response: text, sector: "finance_banking" } });
    expect(events.filter(({ event }) => event === "delta").length).toBeGreaterThan(3);
  });

  it("keeps an ambiguous follow-up in the conversation's sector and switches on a new topic", async () => {
    const first = await json(chat({ message: questions[0][1] }));
    const session_id = first.data.session_id;
    const second = await json(chat({ message: "Peki ne kadar sürer?", session_id }));
    expect(second.data).toMatchObject({ session_id, sector: "finance_banking", routed_by: "session" });
    const third = await json(chat({ message: questions[1][1], session_id }));
    expect(third.data).toMatchObject({ sector: "energy_distribution", routed_by: "router" });
    const session = await json(fetch(`${serve.url}/v1/sessions/${session_id}`));
    expect(session.messages.map((message: { role: string }) => message.role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
      "assistant",
    ]);
    expect((await fetch(`${serve.url}/v1/sessions/${session_id}`, { method: "DELETE" })).status).toBe(200);
    expect((await fetch(`${serve.url}/v1/sessions/${session_id}`)).status).toBe(404);
  });

  it("goes on in an endless conversation that outgrows the context many times", async () => {
    const session_id = "endless";
    for (let turn = 0; turn < 12; turn++) {
      const message = `${turn}. soru: ${"Kredi kartı ekstremdeki bir işlemi anlamadım, açıklar mısınız? ".repeat(8)}`;
      const reply = await chat({ message, session_id, sector: "finance_banking", max_tokens: 60 });
      expect(reply.status).toBe(200);
    }
  });
});

describe("the decision", () => {
  it("is the same for /classify, /v1/classify and live traffic", async () => {
    for (const [, message] of questions) {
      const classify = async (path: string) =>
        json(
          fetch(`${serve.url}${path}`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ text: message }),
          }),
        );
      const [plain, v1, live] = [
        await classify("/classify"),
        await classify("/v1/classify"),
        (await json(chat({ message, max_tokens: 1 }))).data,
      ];
      expect([plain.sector, plain.confidence]).toEqual([live.sector, live.confidence]);
      expect([v1.sector, v1.confidence]).toEqual([live.sector, live.confidence]);
      expect(plain.scores).toHaveLength(22);
      expect(plain.why.length).toBeGreaterThan(0);
    }
  });
});

describe("what the gateway says of itself", () => {
  const get = async (path: string) => await fetch(`${serve.url}${path}`);

  it("is alive, started, ready and healthy with capacity", async () => {
    for (const path of ["/health/live", "/health/startup", "/health/ready"]) expect((await get(path)).status).toBe(200);
    const health = await json(get("/health"));
    expect(health).toMatchObject({ status: "healthy", model_ready: true, service: "sektor" });
    expect(health.capacity).toMatchObject({ has_capacity: true });
  });

  it("lists 22 sectors, each served by its adapter, under both addresses", async () => {
    for (const path of ["/sectors", "/v1/sectors"]) {
      const { data } = await json(get(path));
      expect(data).toHaveLength(22);
      for (const sector of data)
        expect(sector).toMatchObject({
          adapter: { name: sector.id },
          threshold: JSON.parse(readFileSync("models/router/router.json", "utf8")).thresholds.confidence,
          name: { tr: expect.any(String), en: expect.any(String) },
        });
    }
  });

  it("lists the adapters with fingerprint of file and base", async () => {
    const { data, base } = await json(get("/v1/adapters"));
    expect(data).toHaveLength(22);
    for (const adapter of data) {
      expect(adapter.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(adapter.base_sha256).toBe(base.sha256);
      expect(adapter.rank).toBeGreaterThan(0);
    }
    expect(await json(get("/lora-adapters"))).toHaveLength(22);
  });

  it("counts requests by sector in /metrics, and the engine's tokens with them", async () => {
    await chat({ message: questions[2][1], max_tokens: 4 });
    const text = await (await get("/metrics")).text();
    expect(text).toMatch(
      /turkish_ai_requests_total\{sector="healthcare",endpoint="\/api\/v1\/chat",method="POST"\} [1-9]/,
    );
    expect(text).toMatch(/llm_tokens_generated_total\{adapter="healthcare@3"\} [1-9]/);
    expect(text).toMatch(/vllm:lora_adapter_loaded\{adapter="healthcare@3"\} 1/);
  });

  it("describes itself in OpenAPI, Swagger, a start page and the Turkish status", async () => {
    const openapi = await json(get("/openapi.json"));
    expect(Object.keys(openapi.paths)).toEqual(
      expect.arrayContaining(["/api/v1/chat", "/v1/chat/completions", "/v1/sessions/{id}", "/classify"]),
    );
    expect((await get("/docs")).status).toBe(200);
    expect(await (await get("/")).text()).toContain('<html lang="tr"');
    const { data } = await json(get("/api/v1/chat/system/status"));
    expect(data).toMatchObject({
      sektor_sayisi: 22,
      model_hizmeti: { model_loaded: true, model_adi: expect.any(String) },
    });
    expect(data.adaptorler).toHaveLength(22);
  });

  it("tokenizes as llama-server does", async () => {
    const reply = await fetch(`${serve.url}/tokenize`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ content: "İğne ışık", with_pieces: true }),
    });
    const { tokens } = await json(reply);
    expect(tokens.map((token: { piece: string }) => token.piece).join("")).toBe("İğne ışık");
  });
});
