import type { RequestListener } from "node:http";
import { Agent } from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type Answer, askHttps } from "../support/ask-https.ts";
import { freePorts } from "../support/free-ports.ts";
import { TestNginx } from "../support/nginx.ts";
import { ok, type ScriptedUpstream, startUpstream } from "../support/scripted-upstream.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(...answers: readonly RequestListener[]) {
  const upstreams: ScriptedUpstream[] = [];
  for (const answer of answers) {
    const upstream = await startUpstream(answer);
    open.push(upstream);
    upstreams.push(upstream);
  }
  const nginx = await TestNginx.start({
    gateways: upstreams.map(({ address }) => address),
    requestsPerSecond: 10_000,
    requestBurst: 10_000,
  });
  open.push(nginx);
  const ask = (method: string, path = "/v1/models") =>
    askHttps(nginx.url, path, { ca: nginx.ca, method, ...(method === "POST" ? { body: "{}" } : {}) });
  return { upstreams, nginx, ask };
}

/** So many requests, ten at a time; `between` runs once, in the middle of them. */
async function manyRequests(count: number, ask: () => Promise<Answer>, between = async () => {}): Promise<number[]> {
  const statuses: number[] = [];
  const running: Promise<void>[] = [];
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < count) {
      if (++begun === count / 2) running.push(between());
      statuses.push((await ask()).status);
    }
  };
  await Promise.all(Array.from({ length: 10 }, lane));
  await Promise.all(running);
  return statuses;
}

const allWell = (count: number) => Array<number>(count).fill(200);

describe("a gateway that is killed", () => {
  it("costs no GET: what it had begun is asked of the other", async () => {
    const { upstreams, ask } = await start(ok, ok);
    const [first] = upstreams;
    expect(
      await manyRequests(
        100,
        () => ask("GET"),
        async () => first?.kill(),
      ),
    ).toEqual(allWell(100));
    expect(upstreams.map(({ requests }) => requests.length > 0)).toEqual([true, true]);
  });

  it("costs no POST that it had not been sent", async () => {
    const { upstreams, ask } = await start(ok, ok);
    const [first, second] = upstreams;
    expect(await manyRequests(50, () => ask("POST"))).toEqual(allWell(50));
    const before = first?.requests.length;
    expect(before).toBeGreaterThan(0);
    await first?.kill();
    expect(await manyRequests(50, () => ask("POST"))).toEqual(allWell(50));
    expect([first?.requests.length, second?.requests.length]).toEqual([before, 100 - (before ?? 0)]);
  });

  it("has a POST that it was sent answered with 502, and nobody else does it a second time", async () => {
    const breakOff: RequestListener = (request) => void request.resume().once("end", () => request.socket.destroy());
    const { upstreams, ask } = await start(breakOff, breakOff);
    const { status, headers, text } = await ask("POST", "/api/v1/chat");
    expect(status).toBe(502);
    expect(headers["retry-after"]).toBe("2");
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(text)).toMatchObject({ code: "gateway_unreachable", status: 502 });
    expect(upstreams.reduce((sum, { requests }) => sum + requests.length, 0)).toBe(1);
  });

  it("is asked again once it is back", async () => {
    const { upstreams, ask } = await start(ok, ok);
    const [first, second] = upstreams;
    await second?.kill();
    await Promise.all(Array.from({ length: 10 }, () => ask("GET")));
    second?.server.listen(Number(second.address.split(":")[1]), "127.0.0.1");
    const before = second?.requests.length ?? 0;
    const isAskedAgain = async (): Promise<boolean> => {
      await ask("GET");
      return (second?.requests.length ?? 0) > before;
    };
    await expect.poll(isAskedAgain, { timeout: 15_000 }).toBe(true);
    expect(first?.requests.length).toBeGreaterThan(0);
  });
});

describe("a gateway that is drained first", () => {
  it("costs nothing at all, POST or GET, over kept connections too, and can be stopped while requests go on coming", async () => {
    const { upstreams, nginx } = await start(ok, ok);
    const [first, second] = upstreams;
    using agent = keptConnections(nginx);
    let methods = 0;
    const ask = async (): Promise<Answer> => {
      const method = ++methods % 2 === 0 ? "GET" : "POST";
      const answer = await askHttps(nginx.url, "/v1/models", { agent, method });
      // A kept connection is idle for a while, as people's are.
      await delay(5);
      return answer;
    };
    const statuses = await manyRequests(600, ask, async () => {
      nginx.drain(first?.address ?? "");
      // What was on its way when the mark was made.
      await delay(100);
      const before = first?.requests.length;
      await delay(100);
      expect(first?.requests.length).toBe(before);
      await first?.kill();
    });
    expect(statuses).toEqual(allWell(600));
    expect(upstreams.reduce((sum, { requests }) => sum + requests.length, 0)).toBe(600);
    expect(first?.requests.length).toBeGreaterThan(0);
    expect(second?.requests.length).toBeGreaterThan(300);
  });

  it("gets requests again when its mark goes to another", async () => {
    const { upstreams, nginx, ask } = await start(ok, ok);
    const [first, second] = upstreams;
    nginx.drain(first?.address ?? "");
    expect(await manyRequests(20, () => ask("POST"))).toEqual(allWell(20));
    expect(upstreams.map(({ requests }) => requests.length)).toEqual([0, 20]);
    nginx.drain(second?.address ?? "");
    expect(await manyRequests(20, () => ask("POST"))).toEqual(allWell(20));
    expect(upstreams.map(({ requests }) => requests.length)).toEqual([20, 20]);
  });

  it("gets no new spoken session either", async () => {
    const { upstreams, nginx } = await start(ok, ok);
    const [first, second] = upstreams;
    nginx.drain(first?.address ?? "");
    for (let caller = 0; caller < 10; caller++)
      expect((await askHttps(nginx.url, `/v1/realtime?session_id=${caller}`, { ca: nginx.ca })).status).toBe(200);
    expect(upstreams.map(({ requests }) => requests.length)).toEqual([0, 10]);
    nginx.drain(second?.address ?? "");
    expect((await askHttps(nginx.voiceUrl.replace("wss", "https"), "/", { ca: nginx.ca })).status).toBe(200);
    expect(first?.requests.map(({ url }) => url)).toEqual(["/v1/realtime"]);
  });
});

function keptConnections({ ca }: TestNginx): Agent & Disposable {
  const agent = new Agent({ keepAlive: true, ca });
  return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() });
}

describe("a gateway's own 503", () => {
  it("goes to the client with its words", async () => {
    const { upstreams, ask } = await start((_request, response) => {
      response.writeHead(503, { "retry-after": "7", "content-type": "application/problem+json" });
      response.end('{"code":"engine_unavailable"}');
    }, ok);
    upstreams[1]?.leave();
    const { status, headers, text } = await ask("GET");
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("7");
    expect(JSON.parse(text).code).toBe("engine_unavailable");
  });
});

describe("no gateway at all", () => {
  it("is said as a problem in Turkish, and in OpenAI's shape under /v1", async () => {
    const [port] = await freePorts(1);
    const nginx = await TestNginx.start({ gateways: [`127.0.0.1:${port}`] });
    open.push(nginx);
    const problem = await askHttps(nginx.url, "/api/v1/chat", { ca: nginx.ca, method: "POST", body: "{}" });
    expect(problem.status).toBe(502);
    expect(problem.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(problem.text).detail).toMatch(/^Şu anda hiçbir sunucu yanıt vermiyor/);
    const openAi = await askHttps(nginx.url, "/v1/chat/completions", { ca: nginx.ca, method: "POST", body: "{}" });
    expect(openAi.status).toBe(502);
    expect(JSON.parse(openAi.text).error).toMatchObject({ type: "server_error", code: "gateway_unreachable" });
  });
});

describe("replies that take long", () => {
  it("are shared out: the gateway with the fewest gets the next", async () => {
    const waiting: (() => void)[] = [];
    const wait: RequestListener = (_request, response) => void waiting.push(() => response.end("{}"));
    const { upstreams, ask } = await start(wait, wait);
    const asked = Array.from({ length: 8 }, () => ask("POST", "/api/v1/chat"));
    await expect.poll(() => waiting.length).toBe(8);
    expect(upstreams.map(({ requests }) => requests.length)).toEqual([4, 4]);
    for (const end of waiting) end();
    await Promise.all(asked);
  });
});
