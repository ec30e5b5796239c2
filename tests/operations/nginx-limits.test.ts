import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { askHttps } from "../support/ask-https.ts";
import { type NginxOptions, TestNginx, usualGatewaySettings } from "../support/nginx.ts";
import { ok, type ScriptedUpstream, startUpstream } from "../support/scripted-upstream.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(options: Partial<NginxOptions> = {}, answer: RequestListener = ok) {
  const upstream: ScriptedUpstream = await startUpstream(answer);
  open.push(upstream);
  const nginx = await TestNginx.start({ gateways: [upstream.address], ...options });
  open.push(nginx);
  const ask = (path: string, more: Parameters<typeof askHttps>[2] = {}) =>
    askHttps(nginx.url, path, { ca: nginx.ca, ...more });
  return { upstream, nginx, ask };
}

describe("requests of one address", () => {
  it("are refused beyond the limit with 429, a time to come back and a reason; other addresses go on", async () => {
    const { upstream, ask } = await start({ requestsPerSecond: 1, requestBurst: 2 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask("/feedback")));
    const refused = answers.filter(({ status }) => status === 429);
    // One and a burst of two; a second may go by meanwhile.
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(upstream.requests).toHaveLength(12 - refused.length);
    expect(refused[0]?.headers).toMatchObject({
      "content-type": "application/problem+json",
      "content-language": "tr",
      "retry-after": "1",
    });
    expect(JSON.parse(refused[0]?.text ?? "")).toMatchObject({
      status: 429,
      code: "rate_limit_exceeded",
      detail: "Bu adresten çok fazla istek geldi; bir saniye sonra yeniden deneyin.",
    });
    expect((await ask("/feedback", { from: "127.0.0.2" })).status).toBe(200);
    for (let count = 0; count < 6; count++) expect((await ask("/health")).status).toBe(200);
  });

  it("of one customer's IPv6 network count together", async () => {
    const { ask } = await start({ requestsPerSecond: 1, requestBurst: 1, trustedProxies: ["127.0.0.1"] });
    const from = (address: string) => ask("/feedback", { headers: { "x-forwarded-for": address } });
    const neighbours = ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::", "2001:db8:1:2:0:a:b:c"];
    const answers = await Promise.all([...neighbours, ...neighbours].map(from));
    // One and a burst of one; a second may go by meanwhile.
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(3);
    expect((await from("2001:db8:1:3::1")).status).toBe(200);
    expect((await from("2001:db8::1")).status).toBe(200);
  });

  it("are refused in OpenAI's shape under /v1", async () => {
    const { ask } = await start({ requestsPerSecond: 1, requestBurst: 1 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask("/v1/models")));
    const refused = answers.find(({ status }) => status === 429);
    expect(JSON.parse(refused?.text ?? "").error).toMatchObject({
      type: "rate_limit_error",
      code: "rate_limit_exceeded",
    });
    expect(refused?.headers["retry-after"]).toBe("1");
  });

  it("are refused beyond so many at the same time", async () => {
    const ends: (() => void)[] = [];
    const { ask } = await start(
      { connectionsPerAddress: 2 },
      (_request, response) => void ends.push(() => response.end()),
    );
    const under = [ask("/api/v1/chat"), ask("/api/v1/chat")];
    await expect.poll(() => ends.length).toBe(2);
    expect((await ask("/api/v1/chat")).status).toBe(429);
    for (const end of ends) end();
    expect((await Promise.all(under)).map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe("uploads of one address", () => {
  it.each(["/v1/files", "/v1/documents", "/v1/audio/transcriptions"])(
    "to %s are refused beyond so many at the same time, before they are taken; other requests go on",
    async (path) => {
      const { nginx, ask, upstream } = await start({ uploadsPerAddress: 2 });
      const slow = await Promise.all([0, 1].map(() => halfAnUpload(nginx, path)));
      try {
        expect((await ask(path, { method: "POST", body: "x" })).status).toBe(429);
        expect((await ask("/v1/models")).status).toBe(200);
        expect((await ask(path, { method: "POST", body: "x", from: "127.0.0.2" })).status).toBe(200);
        const arrived = upstream.requests.filter(({ url }) => url === path);
        expect(arrived.every(({ headers }) => headers["content-length"] === "1")).toBe(true);
      } finally {
        for (const one of slow) one.destroy();
      }
    },
  );
});

/** Begins an upload and says no more; resolves when nginx has counted it and asks for the rest. */
async function halfAnUpload({ httpsPort, ca }: TestNginx, path: string): Promise<TLSSocket> {
  const socket = connectTls({ port: httpsPort, host: "127.0.0.1", ca });
  socket.on("error", () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`);
  const [words] = (await once(socket, "data")) as [Buffer];
  expect(words.toString()).toMatch(/^HTTP\/1\.1 100 /);
  socket.write("half");
  return socket;
}

describe("a body", () => {
  /** Small limits, each another, so that none stands in for another. */
  const limits = { json: 2048, recording: 40_000, file: 80_000, run: 20_000, runsync: 30_000 };
  const formBytes = 65_536;
  const gatewaySettings = {
    ...usualGatewaySettings,
    http: { ...usualGatewaySettings.http, bodyLimitBytes: limits.json },
    batch: { ...usualGatewaySettings.batch, maxFileBytes: limits.file },
    speech: { ...usualGatewaySettings.speech, maxUploadBytes: limits.recording },
    serverless: {
      ...usualGatewaySettings.serverless,
      runBodyBytes: limits.run,
      runsyncBodyBytes: limits.runsync,
    },
  };

  it.each([
    ["/api/v1/chat", limits.json],
    ["/v1/chat/completions", limits.json],
    ["/v1/feedback", limits.json],
    ["/v1/audio/speech", limits.json],
    ["/v1/audio/transcriptions", limits.recording + formBytes],
    ["/v1/files", limits.file + formBytes],
    ["/v1/documents", limits.file + formBytes],
    ["/v2/sektor/run", limits.run],
    ["/v2/sektor/runsync", limits.runsync],
    ["/v1/sectors", 8 * 1024 * 1024],
  ])("is taken at %s up to what the gateway takes, %d bytes, and no further", async (path, bytes) => {
    const { upstream, ask } = await start({ gatewaySettings });
    const send = (size: number) => ask(path, { method: "POST", body: Buffer.alloc(size) });
    expect((await send(bytes)).status).toBe(200);
    const { status, text } = await send(bytes + 1);
    expect(status).toBe(413);
    const body = JSON.parse(text);
    expect(path.startsWith("/api") ? body.code : body.error.code).toBe("body_too_large");
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("a head", () => {
  it.each([
    ["an address", `/${"a".repeat(20_000)}`, {}],
    ["a header", "/", { "x-long": "a".repeat(20_000) }],
  ])("is refused where %s is longer than a gateway reads", async (_what, path, headers) => {
    const { ask } = await start();
    const { status, text } = await ask(path, { headers });
    expect(status).toBe(431);
    expect(JSON.parse(text)).toMatchObject({ status: 431, code: "headers_too_large" });
  });
});
