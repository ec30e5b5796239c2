import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { request } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createMemoryKnowledge } from "../../services/retrieval/memory-knowledge.ts";
import { askHttps } from "../support/ask-https.ts";
import { deferred } from "../support/deferred.ts";
import { buildTestGateway } from "../support/gateway.ts";
import { type NginxOptions, TestNginx, usualGatewaySettings } from "../support/nginx.ts";
import { proxyTimeouts } from "../support/nginx-config.ts";
import { startUpstream } from "../support/scripted-upstream.ts";
import { sectorsWith, wordRouter } from "../unit/conversation/parts.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(answer: RequestListener, options: Partial<NginxOptions> = {}) {
  const upstream = await startUpstream(answer);
  open.push(upstream);
  const nginx = await TestNginx.start({ gateways: [upstream.address], ...options });
  open.push(nginx);
  return { upstream, nginx };
}

/** Asks, and gives the reply as soon as its head is there. */
async function begin(nginx: TestNginx, path: string): Promise<IncomingMessage> {
  const asking = request(new URL(path, nginx.url), {
    method: "POST",
    ca: nginx.ca,
    agent: false,
    // A compressor would hold events back, too.
    headers: { "accept-encoding": "gzip" },
  });
  asking.end("{}");
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  return response;
}

const streams = [
  "/api/v1/chat",
  "/rag",
  "/v1/chat/completions",
  "/v1/completions",
  "/v2/sektor/stream/x1",
  "/v1/audio/transcriptions",
  "/v1/audio/speech",
];

describe("a stream", () => {
  it.each(streams)("is passed on event by event: %s", async (path) => {
    let sendSecond = (): void => {};
    const { nginx } = await start((_request, response) => {
      // Without the gateway's `x-accel-buffering`, so that it is nginx' own settings that count.
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: bir\n\n");
      sendSecond = () => response.end("data: iki\n\n");
    });
    const reply = await begin(nginx, path);
    const pieces = reply[Symbol.asyncIterator]();
    // The second is sent only after the first has come: held back, it would never come.
    expect((await pieces.next()).value).toBe("data: bir\n\n");
    sendSecond();
    expect((await pieces.next()).value).toBe("data: iki\n\n");
  });

  it("of a real gateway comes through whole, and the gateway knows who asked", async () => {
    const { app } = await buildTestGateway({
      sectors: sectorsWith(),
      router: wordRouter(),
      knowledge: createMemoryKnowledge([]),
      script: { adapters: ["legal@1"] },
      environment: { SEKTOR_TRUST_PROXY: "127.0.0.1", SEKTOR_REQUESTS_PER_MINUTE: "1" },
    });
    open.push({ [Symbol.asyncDispose]: async () => void (await app.close()) });
    const nginx = await TestNginx.start({ gateways: [new URL(await app.listen({ host: "127.0.0.1", port: 0 })).host] });
    open.push(nginx);
    const body = JSON.stringify({ message: "Merhaba", stream: true });
    const headers = { "content-type": "application/json" };
    const chat = (from: string) =>
      askHttps(nginx.url, "/api/v1/chat", { method: "POST", ca: nginx.ca, headers, body, from });
    const reply = await chat("127.0.0.2");
    expect(reply.headers["content-type"]).toContain("text/event-stream");
    expect(reply.text).toMatch(/^(event|data): /);
    expect(reply.text.endsWith("\n\n")).toBe(true);
    // One request a minute of each address: the second is refused, and somebody else's is not.
    expect((await chat("127.0.0.2")).status).toBe(429);
    expect((await chat("127.0.0.3")).status).toBe(200);
  });

  it("ends at the gateway when its reader leaves", async () => {
    const left = deferred();
    const { nginx } = await start((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: bir\n\n");
      response.once("close", () => left.resolve());
    });
    const reply = await begin(nginx, "/api/v1/chat");
    reply.destroy();
    await left.promise;
  });
});

describe("a pause in a stream", () => {
  /** What comes of a reply whose gateway says nothing for a second and a half before it, and in the middle of it. */
  async function readOverPauses(tamper?: NginxOptions["tamper"]): Promise<string> {
    const pausing = async (response: ServerResponse): Promise<void> => {
      await delay(1500);
      response.writeHead(200, { "content-type": "text/event-stream" }).write("bir ");
      await delay(1500);
      response.end("iki");
    };
    const { nginx } = await start(
      (_request, response) => void pausing(response),
      tamper === undefined ? {} : { tamper },
    );
    const { status, text } = await askHttps(nginx.url, "/v1/chat/completions", { method: "POST", ca: nginx.ca });
    return `${status} ${text}`;
  }

  it("does not end it", async () => {
    expect(await readOverPauses()).toBe("200 bir iki");
  });

  it("ends it where somebody shortens nginx' patience, as this test sees", async () => {
    const shortened = await readOverPauses((text) => text.replace(/proxy_read_timeout \d+ms/, "proxy_read_timeout 1s"));
    expect(shortened).toMatch(/^504 .*gateway_timeout/);
  });

  it("may be as long as a gateway's longest reply, at every address", async () => {
    const { nginx } = await start((_request, response) => response.end());
    const timeouts = proxyTimeouts(nginx.wholeConfiguration());
    const { replyTimeoutMs } = usualGatewaySettings.http;
    expect(timeouts.length).toBeGreaterThan(10);
    for (const { location, readMs } of timeouts) {
      // A waiting runsync: its longest wait and a call's 30 s.
      expect(readMs, location).toBeGreaterThan(Math.max(replyTimeoutMs, 330_000));
    }
  });

  it("follows the gateway's own setting", async () => {
    const { nginx } = await start((_request, response) => response.end(), {
      gatewaySettings: { ...usualGatewaySettings, http: { ...usualGatewaySettings.http, replyTimeoutMs: 900_000 } },
    });
    for (const { location, readMs } of proxyTimeouts(nginx.wholeConfiguration())) {
      expect(readMs, location).toBe(910_000);
    }
  });
});
