import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSecrets } from "../../scripts/containers/secret-files.ts";
import { composeTarget } from "../../scripts/deploy/deploy-compose.ts";
import { type DeployOptions, readOptions } from "../../scripts/deploy/options.ts";
import { loadProxySettings } from "../../scripts/nginx/proxy-settings.ts";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { askHttps } from "../support/ask-https.ts";
import { freePorts } from "../support/free-ports.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { TestNginx } from "../support/nginx.ts";
import { type ScriptedUpstream, startUpstream } from "../support/scripted-upstream.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

/** Loopback has many addresses: one is the operator's, another anybody's. */
const operator = "127.0.0.1";
const outside = "127.0.0.2";

let upstream: ScriptedUpstream;
let nginx: TestNginx;
beforeAll(async () => {
  upstream = await startUpstream();
  nginx = await TestNginx.start({ gateways: [upstream.address], operators: [operator] });
});
afterAll(async () => {
  await nginx?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
});

const ask = (path: string, from: string, method = "GET", headers = {}) =>
  askHttps(nginx.url, path, { ca: nginx.ca, from, method, headers });

/** Every route of the gateway with the scope it asks for: `GET /v1/keys`, `admin`. */
async function gatewayRoutes(): Promise<readonly (readonly [method: string, path: string, scope: string])[]> {
  const { app } = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    script: { adapters: ["legal@1"] },
  });
  try {
    await app.ready();
    return [...app.routeScopes].flatMap(([route, scope = "admin"]) => {
      const [method = "", pattern = ""] = route.split(" ");
      // Preflights have no address of their own.
      return pattern.includes("*") ? [] : [[method, pattern.replaceAll(/:\w+/g, "x1"), scope] as const];
    });
  } finally {
    await app.close();
  }
}

describe("what is the administrators'", () => {
  it("is closed to the outside and open to operators, route by route, and nothing else is closed", async () => {
    const routes = await gatewayRoutes();
    const closed: string[] = [];
    for (const [method, path] of routes) {
      const { status } = await ask(path, outside, method);
      if (status === 403) closed.push(`${method} ${path}`);
      else expect(status, `${method} ${path}`).toBe(200);
      expect((await ask(path, operator, method)).status, `${method} ${path}`).toBe(200);
    }
    // The page about jobs has no data of its own, but nobody else has a use for it.
    const wanted = routes.filter(([, path, scope]) => scope === "admin" || /^\/jobs(\/|$)/.test(path));
    expect(wanted.length).toBeGreaterThan(20);
    expect(closed.sort()).toEqual(wanted.map(([method, path]) => `${method} ${path}`).sort());
  });

  it.each(["/v1/keys/", "/v1//keys", "/v1/%6beys", "/v1/x/../keys", "//metrics", "/metrics?x=/health", "/v1/./keys"])(
    "stays closed however it is written: %s",
    async (path) => {
      const asked = upstream.requests.length;
      expect([400, 403]).toContain((await ask(path, outside)).status);
      expect(upstream.requests).toHaveLength(asked);
    },
  );

  it.each(["/v1/%6aobs/%2e%2e/retry", "/v1/%75sers/x%2F..%2F..%2Fy/data", "/a/..%5cb", "/v1/keys/.."])(
    "is not reached by an address that means two things: %s",
    async (path) => {
      const asked = upstream.requests.length;
      expect((await ask(path, operator)).status).toBe(400);
      expect(upstream.requests).toHaveLength(asked);
    },
  );

  it("leaves dots alone that mean nothing", async () => {
    expect((await ask("/v1/models/sektor..v1.gguf?path=/../x", outside)).status).toBe(200);
  });

  it("is refused in Turkish, in English for those who ask, and in OpenAI's shape under /v1", async () => {
    const turkish = await ask("/metrics", outside);
    expect(turkish.headers["content-type"]).toBe("application/problem+json");
    expect(turkish.headers["content-language"]).toBe("tr");
    expect(JSON.parse(turkish.text)).toEqual({
      type: "/errors#operators_only",
      title: "ProxyError",
      status: 403,
      code: "operators_only",
      detail: "Bu adrese yalnızca işletmecilerin ağlarından ulaşılabilir.",
    });
    const english = await ask("/metrics", outside, "GET", { "accept-language": "en-GB,en;q=0.9,tr;q=0.5" });
    expect(JSON.parse(english.text).detail).toBe("This address is open to its operators only.");
    const openAi = await ask("/v1/keys", outside);
    expect(openAi.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(openAi.text).error).toMatchObject({ type: "permission_error", code: "operators_only" });
  });
});

describe("the operators' port", () => {
  const options = (...args: string[]) => readOptions(args) as DeployOptions;

  it("opens the administration to who reaches it, as Compose's smoke test does, and nothing more at the public one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sektor-operators-"));
    const [operatorsPort = 0] = await freePorts(1);
    makeSecrets(folder, { hosts: ["localhost"], alertWebhookUrl: "http://127.0.0.1:9/" });
    try {
      const settings = loadProxySettings("deploy/containers/nginx.yaml");
      expect(settings.operators).toEqual([]);
      expect(settings.operatorsPort).toBe(Number(new URL(composeTarget(options(), folder).operators?.url ?? "").port));
      await using behind = await TestNginx.start({
        gateways: [upstream.address],
        operators: settings.operators,
        operatorsPort,
        certificate: join(folder, "tls_certificate"),
        certificateKey: join(folder, "tls_key"),
      });
      const target = composeTarget(options("--public-url", `https://localhost:${behind.httpsPort}`), folder);
      const { ca = "", operators: { name = "" } = {} } = target;
      const at = (url: string, path: string, more = {}) => askHttps(url, path, { ca, from: outside, ...more });
      const inside = `https://127.0.0.1:${operatorsPort}`;
      for (const path of ["/metrics", "/v1/keys", "/v1/jobs", "/v1/feedback/report"]) {
        expect((await at(inside, path, { name })).status, path).toBe(200);
        expect((await at(target.url, path)).status, path).toBe(403);
      }
      expect((await at(target.url, "/v1/models")).status).toBe(200);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("the caller's address", () => {
  const forged = { "x-forwarded-for": operator, forwarded: `for=${operator}`, "x-real-ip": operator };

  it("cannot be forged", async () => {
    expect((await ask("/metrics", outside, "GET", forged)).status).toBe(403);
    await ask("/v1/models", outside, "GET", { ...forged, "x-forwarded-host": "other", "x-forwarded-proto": "http" });
    const told = upstream.requests.at(-1)?.headers;
    expect(told?.["x-forwarded-for"]).toBe(outside);
    expect(told?.["x-forwarded-proto"]).toBe("https");
    expect(told?.["x-forwarded-host"]).toBe(told?.host);
    expect(told).not.toHaveProperty("forwarded");
    expect(told).not.toHaveProperty("x-real-ip");
  });

  it("is what a trusted load balancer says, and of a chain the last that no trusted one wrote", async () => {
    await using behind = await TestNginx.start({
      gateways: [upstream.address],
      trustedProxies: ["127.0.0.9", "10.0.0.0/8"],
    });
    const headers = { "x-forwarded-for": "127.0.0.1, 203.0.113.7, 10.1.2.3" };
    await askHttps(behind.url, "/v1/models", { ca: behind.ca, from: "127.0.0.9", headers });
    expect(upstream.requests.at(-1)?.headers["x-forwarded-for"]).toBe("203.0.113.7");
    expect((await askHttps(behind.url, "/metrics", { ca: behind.ca, from: "127.0.0.9", headers })).status).toBe(403);
  });
});
