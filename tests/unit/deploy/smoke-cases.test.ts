import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { endpointsOf, runSmoke, smokeCases } from "../../../scripts/deploy/smoke/run-smoke.ts";
import type { SmokeTarget } from "../../../scripts/deploy/smoke/target.ts";
import { type SmokeCase, Untried } from "../../../scripts/deploy/smoke/world.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

/** What the gateway says of itself. */
async function openApi() {
  const { app } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"] },
  });
  try {
    return (await app.inject("/openapi.json")).json();
  } finally {
    await app.close();
  }
}

async function answering<T>(paths: object, use: (target: SmokeTarget) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const known = request.url === "/openapi.json" || request.url === "/v1/models";
    response.writeHead(known ? 200 : 500, { "content-type": "application/json" });
    response.end(request.url === "/openapi.json" ? JSON.stringify({ paths }) : '{"data":[{"id":"x"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ca: undefined,
      apiKey: "k",
      gateways: [],
      grpc: [],
      httpUrl: undefined,
      voiceUrl: undefined,
      operators: undefined,
      isForTrial: true,
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const models: SmokeCase = {
  endpoint: "GET /v1/models",
  run: async (world) => String((await world.json("GET", "/v1/models")).data.length),
};

describe("the smoke test", () => {
  it("has a case for every address of the gateway, and none for addresses that are gone", async () => {
    const listed = endpointsOf(await openApi()).filter((endpoint) => !endpoint.includes("realtime"));
    const tried = smokeCases.map(({ endpoint }) => endpoint);
    expect(listed.length).toBeGreaterThan(50);
    expect(listed.filter((endpoint) => !tried.includes(endpoint))).toEqual([]);
    const plain = tried.filter((endpoint) =>
      /^(GET|POST|DELETE) \/(api|v1|v2|rag|classify|tokenize)[^ ]*$/.test(endpoint),
    );
    expect(plain.filter((endpoint) => ![...listed, "GET /v1/realtime"].includes(endpoint))).toEqual([]);
  });

  it("tries each of them once", () => {
    const tried = smokeCases.map(({ endpoint }) => endpoint);
    expect(tried.filter((endpoint, at) => tried.indexOf(endpoint) !== at)).toEqual([]);
  });

  it("fails where the gateway has an address that no case tries, and names it", async () => {
    const paths = { "/v1/models": { get: {} }, "/v1/new": { post: {}, parameters: [] } };
    const results = await answering(paths, (target) => runSmoke(target, undefined, [models]));
    expect(results.map(({ endpoint, outcome }) => [endpoint, outcome])).toEqual([
      ["GET /v1/models", "ok"],
      ["POST /v1/new", "failed"],
      ["her adres denendi", "failed"],
    ]);
  });

  it("is content where every address is tried and answers", async () => {
    const results = await answering({ "/v1/models": { get: {} } }, (target) => runSmoke(target, undefined, [models]));
    expect(results.every(({ outcome }) => outcome === "ok")).toBe(true);
  });

  it("says of a door that cannot be reached from here that it was not tried, and is content all the same", async () => {
    const unreachable: SmokeCase = {
      endpoint: "gRPC",
      run: async () => {
        throw new Untried("buradan erişilemez");
      },
    };
    const results = await answering({ "/v1/models": { get: {} } }, (target) =>
      runSmoke(target, undefined, [unreachable, models]),
    );
    expect(results[0]).toMatchObject({ endpoint: "gRPC", outcome: "untried", detail: "buradan erişilemez" });
  });

  it("goes on after a failure and says what came instead", async () => {
    const broken: SmokeCase = {
      endpoint: "GET /broken",
      run: async (world) => (await world.ask("GET", "/broken")).text,
    };
    const results = await answering({ "/v1/models": { get: {} } }, (target) =>
      runSmoke(target, undefined, [broken, models]),
    );
    expect(results[0]).toMatchObject({ endpoint: "GET /broken", outcome: "failed" });
    expect(results[0]?.detail).toMatch(/^200 yerine 500 döndü/);
    expect(results[1]?.outcome).toBe("ok");
  });
});
