import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { listenOn } from "../../../../services/main/listen.ts";
import { connectVoice } from "../../../support/voice-client.ts";
import { openVoiceGateway, type VoiceGatewayOptions } from "../../../support/voice-gateway.ts";

let gateway: Awaited<ReturnType<typeof openVoiceGateway>> | undefined;
afterEach(async () => {
  await gateway?.app.close();
  gateway = undefined;
});

async function open(options: VoiceGatewayOptions = {}) {
  gateway = await openVoiceGateway(options);
  const port = await gateway.transport.listen({ host: "127.0.0.1", port: 0 });
  return { ...gateway, port };
}

describe("the port for voice alone", () => {
  it("is /v1/realtime at its root, with the same keys and the same questions", async () => {
    const { port, apiKeys, sessions } = await open();
    await (await connectVoice(`${port}/`)).next("session.created");
    await (await connectVoice(`${port}/?model=legal`)).next("session.created");
    await (await connectVoice(`${port}/v1/realtime`)).next("session.created");
    expect(sessions.map(({ caller }) => caller.model)).toEqual(["auto", "legal", "auto"]);
    await apiKeys.create({ name: "x", scopes: ["voice"], sectors: null, userId: null, expiresAt: null });
    await expect(connectVoice(`${port}/`)).rejects.toMatchObject({ status: 401 });
  });

  it("tells who wants no WebSocket what it is for", async () => {
    const { port } = await open();
    const reply = await fetch(port.replace("ws:", "http:"), { method: "POST", body: "x" });
    expect([reply.status, await reply.json()]).toMatchObject([426, { error: { code: "upgrade_required" } }]);
  });

  it("closes with the gateway", async () => {
    const { port, app } = await open();
    const client = await connectVoice(`${port}/`);
    await app.close();
    expect((await client.closed).code).toBe(1001);
    await expect(connectVoice(`${port}/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("that is taken keeps the gateway from starting, with the variable that names another", async () => {
    const { transport } = await open();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const listening = listenOn(transport, { host: "127.0.0.1", port }, "SEKTOR_VOICE_PORT");
    await expect(listening).rejects.toMatchObject({
      code: "port_taken",
      message: expect.stringContaining("SEKTOR_VOICE_PORT"),
    });
    taken.close();
  });
});

describe("a gateway that takes upgrades", () => {
  it("answers clients that offer HTTP/2 with every request as though they had not, bodies and all", async () => {
    const { url } = await open();
    const payload = JSON.stringify({ message: "Merhaba" });
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asked = httpRequest(
        `${url}/api/v1/chat`,
        {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(payload),
            connection: "Upgrade, HTTP2-Settings",
            upgrade: "h2c",
            "http2-settings": "AAMAAABkAAQAAP__",
          },
        },
        (reply) => {
          let text = "";
          reply.on("data", (piece) => {
            text += piece;
          });
          reply.on("end", () => resolve({ status: reply.statusCode, text }));
        },
      );
      asked.on("error", reject);
      asked.end(payload);
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ success: true });
  });

  it("lives through a client that leaves before it is answered", async () => {
    const { url, wsUrl } = await open();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AA",
    );
    socket.write("AAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n", () => socket.resetAndDestroy());
    await new Promise((resolve) => socket.once("close", resolve));
    await (await connectVoice(`${wsUrl}/v1/realtime`)).next("session.created");
  });

  it("answers a handshake that is not in order with 400, and keeps no place for it", async () => {
    const { url, wsUrl } = await open({ environment: { SEKTOR_VOICE_SESSIONS: "1" } });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write("GET /v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const [head] = await new Promise<Buffer[]>((resolve) => socket.once("data", (...pieces) => resolve(pieces)));
    expect(String(head)).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
    await (await connectVoice(`${wsUrl}/v1/realtime`)).next("session.created");
  });

  it("never writes a key or what was said into its log, and counts each socket as one request", async () => {
    const lines: string[] = [];
    const sink = new Writable({
      write: (piece, _encoding, done) => {
        lines.push(String(piece));
        done();
      },
    });
    const { apiKeys, wsUrl, metrics, sessions } = await open({ logger: pino({ level: "trace" }, sink) });
    const { text: key } = await apiKeys.create({
      name: "x",
      scopes: ["voice"],
      sectors: null,
      userId: null,
      expiresAt: null,
    });
    const protocols = ["realtime", `openai-insecure-api-key.${key}`];
    const client = await connectVoice(`${wsUrl}/v1/realtime`, { protocols });
    await connectVoice(`${wsUrl}/v1/realtime`, {
      protocols: ["realtime", "openai-insecure-api-key.sk-sektor-gizli"],
    }).catch(() => {});
    client.send({
      type: "conversation.item.create",
      item: { type: "message", role: "user", content: [{ type: "input_text", text: "Kimliğim 12345" }] },
    });
    client.socket.send("{ Kimliğim 12345");
    await client.next("error");
    client.socket.close(4000, "Kimliğim 12345");
    await vi.waitFor(() => expect(sessions[0]?.closed).toBe(true));
    const log = lines.join("");
    expect(log).toContain("voice-socket-end");
    for (const secret of [key, "sk-sektor-gizli", "insecure-api-key", "12345"]) expect(log).not.toContain(secret);
    const ended = lines.map((line) => JSON.parse(line) as { msg?: string; route?: string; status?: number });
    expect(ended.filter(({ msg }) => msg === "request-end").map(({ status }) => status)).toEqual([101, 401]);
    const counted = await metrics.registry.metrics();
    expect(counted).toContain('turkish_ai_requests_total{sector="none",endpoint="/v1/realtime",method="GET"} 2');
    expect(counted).toMatch(/turkish_ai_requests_in_progress 0/);
  });
});
