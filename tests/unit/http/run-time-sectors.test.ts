import { afterEach, describe, expect, it } from "vitest";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { builtIn, examplesOf, harmless, registryWith } from "../live-sectors/parts.ts";

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open() {
  const { registry, finish, questions, parts } = registryWith();
  const built = await buildTestGateway({
    sectors: builtIn,
    router: parts.shipped,
    registry,
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"], reply: () => ["Olur."] },
  });
  const gateway = built.app;
  app = gateway;
  const ask = async (method: "GET" | "POST" | "DELETE", url: string, payload?: object) => {
    const reply = await gateway.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
    return { status: reply.statusCode, headers: reply.headers, body: reply.json() };
  };
  const add = async (more: object = {}) => await ask("POST", "/v1/sectors", { ...vets, ...more });
  return { ...built, ask, add, finish, questions };
}

const vets = {
  id: "vets",
  name: { tr: "Veterinerlik" },
  system_prompt: "Sen veterinersin.",
  examples: examplesOf("vets"),
};

describe("POST /v1/sectors", () => {
  it("answers 202 at once and tells the state at the sector's address", async () => {
    const { add, ask, finish } = await open();
    const { status, headers, body } = await add();
    expect([status, headers["location"]]).toEqual([202, "/v1/sectors/vets"]);
    expect(body).toMatchObject({ id: "vets", status: "training", serving: false, progress: 0.5, examples: 30 });
    expect((await ask("GET", "/v1/sectors/vets")).body).toEqual(body);
    await finish();
    expect((await ask("GET", "/v1/sectors/vets")).body).toEqual({
      id: "vets",
      object: "sector",
      name: { tr: "Veterinerlik", en: "Veterinerlik" },
      system_prompt: "Sen veterinersin.",
      threshold: null,
      built_in: false,
      status: "live",
      serving: true,
      examples: 30,
      progress: null,
      seconds: 1,
      figures: {
        own: harmless.own,
        others: harmless.others,
        served: harmless.served,
        out_of_scope: harmless.outOfScope,
      },
      error: null,
    });
  });

  it("answers 201 when it is live where the caller wants to wait", async () => {
    const { ask, finish, questions } = await open();
    const waiting = ask("POST", "/v1/sectors?wait=true", vets);
    while (questions.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await finish();
    expect(await waiting).toMatchObject({ status: 201, body: { id: "vets", status: "live" } });
  });

  it("answers the one who waits with the refusal, and keeps it", async () => {
    const { ask, finish, questions } = await open();
    const waiting = ask("POST", "/v1/sectors?wait=true", vets);
    while (questions.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await finish({ figures: { ...harmless, own: { messages: 6, recognised: 0 } } });
    expect(await waiting).toMatchObject({ status: 422, body: { error: { code: "sector_not_recognised" } } });
    const { body } = await ask("GET", "/v1/sectors/vets");
    expect(body).toMatchObject({ status: "failed", error: { code: "sector_not_recognised", param: "examples" } });
    expect(body.figures.own).toEqual({ messages: 6, recognised: 0 });
  });

  it("takes examples as lines of datasets/routing hold them", async () => {
    const { add, questions } = await open();
    await add({ examples: vets.examples.map((text) => ({ text, sector: "vets", kind: "easy" })) });
    expect(questions[0]?.runTime[0]?.examples).toEqual(vets.examples);
  });

  it.each([
    [{ id: undefined }, 400, "invalid_request"],
    [{ id: "Vets" }, 400, "sector_invalid"],
    [{ id: "legal" }, 409, "sector_exists"],
    [{ name: "Veterinerlik" }, 400, "invalid_request"],
    [{ threshold: 2 }, 400, "invalid_request"],
    [{ examples: ["bir"] }, 400, "sector_invalid"],
    [{ examples: [3] }, 400, "invalid_request"],
    [{ exampels: [] }, 400, "invalid_request"],
  ])("refuses %j with %i %s", async (wrong, status, code) => {
    const { add, questions } = await open();
    expect(await add(wrong)).toMatchObject({ status, body: { error: { code } } });
    expect(questions).toEqual([]);
  });

  it("refuses a second training, and says when to come back", async () => {
    const { add } = await open();
    await add();
    const second = await add({ id: "sports" });
    expect(second).toMatchObject({
      status: 409,
      headers: { "retry-after": "15" },
      body: { error: { code: "router_busy" } },
    });
  });
});

describe("a sector that has gone live", () => {
  it("is known everywhere at once: lists, classification, chat, completions and metrics", async () => {
    const { add, ask, finish, engine, app: gateway } = await open();
    await add();
    expect((await ask("POST", "/api/v1/chat", { message: "vets", sector: "vets" })).body.code).toBe("unknown_sector");
    await finish();
    const { data } = (await ask("GET", "/v1/sectors")).body;
    expect(data.at(-1)).toMatchObject({ id: "vets", name: { tr: "Veterinerlik" }, adapter: null });
    expect((await ask("GET", "/sectors")).body.data).toHaveLength(4);
    expect((await ask("POST", "/v1/classify", { text: "vets?" })).body.sector).toBe("vets");
    const routed = (await ask("POST", "/api/v1/chat", { message: "vets?" })).body.data;
    expect(routed).toMatchObject({ sector: "vets", routed_by: "router", adapter: null });
    const forced = (await ask("POST", "/api/v1/chat", { message: "Merhaba", sector: "vets" })).body.data;
    expect(forced).toMatchObject({ sector: "vets", routed_by: "request" });
    const messages = [{ role: "user", content: "Merhaba" }];
    expect((await ask("POST", "/v1/chat/completions", { model: "vets", messages })).body).toMatchObject({
      sector: "vets",
    });
    for (const { request } of engine.calls)
      expect("messages" in request.prompt && request.prompt.messages[0]?.content).toBe("Sen veterinersin.");
    const { payload } = await gateway.inject("/metrics");
    expect(payload).toContain('turkish_ai_requests_total{sector="vets",endpoint="/api/v1/chat",method="POST"} 2');
    expect((await ask("GET", "/api/v1/chat/system/status")).body.data.sektor_sayisi).toBe(4);
  });

  it("takes more examples", async () => {
    const { add, ask, finish } = await open();
    await add();
    await finish();
    const more = await ask("POST", "/v1/sectors/vets/examples", { examples: ["bambaşka bir soru"] });
    expect(more).toMatchObject({ status: 202, body: { status: "training", serving: true } });
    await finish();
    expect((await ask("GET", "/v1/sectors/vets")).body).toMatchObject({ status: "live", examples: 31 });
  });

  it("is gone when it is deleted", async () => {
    const { add, ask, finish } = await open();
    await add();
    await finish();
    expect(await ask("DELETE", "/v1/sectors/vets")).toMatchObject({
      status: 200,
      body: { id: "vets", object: "sector.deleted", deleted: true },
    });
    expect(await ask("GET", "/v1/sectors/vets")).toMatchObject({
      status: 404,
      body: { error: { code: "sector_not_found" } },
    });
    expect((await ask("POST", "/v1/classify", { text: "vets?" })).body.sector).toBeNull();
    expect((await ask("DELETE", "/v1/sectors/vets")).body.error.code).toBe("sector_not_found");
  });
});

describe("a built-in sector", () => {
  it("can be read, and neither changed nor deleted", async () => {
    const { ask } = await open();
    expect((await ask("GET", "/v1/sectors/legal")).body).toMatchObject({
      built_in: true,
      status: "live",
      examples: null,
    });
    const refused = { status: 409, body: { error: { code: "sector_built_in" } } };
    expect(await ask("DELETE", "/v1/sectors/legal")).toMatchObject(refused);
    expect(await ask("POST", "/v1/sectors/legal/examples", { examples: ["bir"] })).toMatchObject(refused);
  });
});

it("the API description has the new addresses", async () => {
  const { ask } = await open();
  const { paths } = (await ask("GET", "/openapi.json")).body;
  expect(Object.keys(paths["/v1/sectors"]).sort()).toEqual(["get", "post"]);
  expect(Object.keys(paths["/v1/sectors/{id}"]).sort()).toEqual(["delete", "get"]);
  expect(Object.keys(paths["/v1/sectors/{id}/examples"])).toEqual(["post"]);
});
