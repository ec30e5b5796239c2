import { afterEach, describe, expect, it } from "vitest";
import { askHttps } from "../support/ask-https.ts";
import { freePorts } from "../support/free-ports.ts";
import { TestNginx } from "../support/nginx.ts";
import { startUpstream } from "../support/scripted-upstream.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const gatewayId = "5f0c1f1e-0000-4000-8000-000000000001";

/** One gateway that answers with an id of its own, and one that is not there, so that failures are logged too. */
async function start() {
  const upstream = await startUpstream((request, response) => {
    request.resume().once("end", () => response.setHeader("x-request-id", gatewayId).end("yanıt-metni"));
  });
  const [nobody] = await freePorts(1);
  const nginx = await TestNginx.start({ gateways: [upstream.address, `127.0.0.1:${nobody}`], requestBurst: 1000 });
  open.push(upstream, nginx);
  return { upstream, nginx };
}

describe("the access log", () => {
  it("is one JSON object a request, with what is needed to find and to count it", async () => {
    const { upstream, nginx } = await start();
    await askHttps(nginx.url, "/v1/models", { ca: nginx.ca });
    expect(await nginx.logged(({ path }) => path === "/v1/models")).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      request_id: gatewayId,
      address: "127.0.0.1",
      method: "GET",
      path: "/v1/models",
      protocol: "HTTP/1.1",
      tls: "TLSv1.3",
      status: 200,
      request_bytes: expect.any(Number),
      sent_bytes: expect.any(Number),
      seconds: expect.any(Number),
      request_limit: "PASSED",
      connection_limit: "PASSED",
      upstream: expect.stringContaining(upstream.address),
      upstream_status: expect.stringMatching(/200$/),
      upstream_seconds: expect.any(String),
    });
  });

  it("holds no query, no body, no key and no person, however a request ends; nor does any other log", async () => {
    const { nginx } = await start();
    const secrets = {
      headers: { authorization: "Bearer sk-gizli-1", "user-agent": "gizli-2", referer: "https://x/gizli-3" },
      method: "POST",
      body: '{"message":"gizli-4"}',
      ca: nginx.ca,
    };
    const ends = [
      ["/api/v1/chat?key=gizli-5", 200],
      ["/v1/users/gizli-6/data?x=gizli-7", 200],
      ["/v1/sessions/gizli-8?x=1", 200],
      ["/v2/sektor/status/gizli-9", 200],
      ["/v1/%75sers/gizli-13/data", 200],
      ["/x/%2e%2e?gizli-10", 400],
    ] as const;
    // Often enough that both gateways are tried.
    for (let time = 0; time < 4; time++) {
      for (const [path, status] of ends) expect((await askHttps(nginx.url, path, secrets)).status).toBe(status);
    }
    const tooLarge = { ...secrets, body: "gizli-11".repeat(200_000) };
    expect((await askHttps(nginx.url, "/api/v1/chat?gizli-12", tooLarge)).status).toBe(413);
    const refused = await nginx.logged(({ status }) => status === 413);
    expect(refused).toMatchObject({ method: "POST", path: "/api/v1/chat" });
    // A gateway was out of reach, which other logs quote requests for.
    expect(nginx.accessLog().some(({ upstream_status }) => upstream_status === "502, 200")).toBe(true);
    expect(nginx.accessLog()).toHaveLength(4 * ends.length + 1);
    expect(nginx.everythingLogged()).not.toContain("gizli");
    expect(nginx.accessLog().map(({ path }) => path)).toEqual(
      expect.arrayContaining(["/v1/users/…", "/v1/sessions/…", "/v2/sektor/status/…"]),
    );
  });
});

describe("a request's id", () => {
  it("is the gateway's in reply and log, whatever the client says it is", async () => {
    const { upstream, nginx } = await start();
    const { headers } = await askHttps(nginx.url, "/v1/models", { ca: nginx.ca, headers: { "x-request-id": "benim" } });
    expect(headers["x-request-id"]).toBe(gatewayId);
    expect(upstream.requests[0]?.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is nginx' own where no gateway was asked, in reply and log the same", async () => {
    const { nginx } = await start();
    const { headers } = await askHttps(nginx.url, "/v1/keys", { ca: nginx.ca, from: "127.0.0.2" });
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
    const refused = await nginx.logged(({ status }) => status === 403);
    expect(refused).toMatchObject({ request_id: headers["x-request-id"], path: "/v1/keys", upstream: "" });
  });
});
