import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { TestNginx } from "../support/nginx.ts";
import { startUpstream } from "../support/scripted-upstream.ts";
import { connectVoice, UpgradeRefused } from "../support/voice-client.ts";
import { openVoiceGateway } from "../support/voice-gateway.ts";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** So many gateways that speak nothing yet. */
async function start(count: number) {
  const upstreams = await Promise.all(Array.from({ length: count }, () => startUpstream()));
  open.push(...upstreams);
  const nginx = await TestNginx.start({ gateways: upstreams.map(({ address }) => address) });
  open.push(nginx);
  return { upstreams, nginx };
}

describe("a WebSocket", () => {
  it("passes at /v1/realtime with text and bytes, in both directions", async () => {
    const upstream = await startUpstream();
    const nginx = await TestNginx.start({ gateways: [upstream.address] });
    open.push(upstream, nginx);
    new WebSocketServer({ server: upstream.server }).on("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const client = await connectVoice(`${nginx.url.replace("https", "wss")}/v1/realtime?model=auto`, { ca: nginx.ca });
    client.send({ type: "echo", text: "şöyle" });
    expect(await client.next("echo")).toEqual({ type: "echo", text: "şöyle" });
    const bytes = once(client.socket, "message");
    client.socket.send(Buffer.from([1, 2, 3]));
    expect((await bytes)[0]).toEqual(Buffer.from([1, 2, 3]));
    client.socket.close(1000);
    expect((await client.closed).code).toBe(1000);
  });

  it("meets a real gateway on both ports, with its key among the subprotocols", async () => {
    const gateway = await openVoiceGateway();
    open.push({ [Symbol.asyncDispose]: async () => void (await gateway.app.close()) });
    const key = await gateway.apiKeys.create({
      name: "x",
      scopes: ["voice"],
      sectors: null,
      userId: null,
      expiresAt: null,
    });
    const nginx = await TestNginx.start({ gateways: [new URL(gateway.url).host] });
    open.push(nginx);
    const protocols = ["realtime", `openai-insecure-api-key.${key.text}`];
    for (const url of [`${nginx.url.replace("https", "wss")}/v1/realtime`, `${nginx.voiceUrl}/?mode=simple`]) {
      const client = await connectVoice(url, { ca: nginx.ca, protocols });
      await client.next(url.includes("simple") ? "ready" : "session.created");
      client.socket.terminate();
    }
    expect(nginx.everythingLogged()).not.toContain("sk-sektor-");
  });
});

describe("a spoken session", () => {
  async function startVoice() {
    const { upstreams, nginx } = await start(3);
    const counts = upstreams.map(() => 0);
    for (const [place, { server }] of upstreams.entries()) {
      new WebSocketServer({ server }).on("connection", () => {
        counts[place] = (counts[place] ?? 0) + 1;
      });
    }
    const speak = async (session: string): Promise<void> => {
      const url = `${nginx.url.replace("https", "wss")}/v1/realtime?session_id=${session}`;
      const client = await connectVoice(url, { ca: nginx.ca });
      client.socket.terminate();
      await once(client.socket, "close");
    };
    return { upstreams, counts, speak };
  }

  it("comes back to the gateway it was at; others go elsewhere", async () => {
    const { counts, speak } = await startVoice();
    for (let time = 0; time < 5; time++) await speak("same");
    expect([...counts].sort()).toEqual([0, 0, 5]);
    for (let other = 0; other < 30; other++) await speak(`s${other}`);
    expect(counts.every((count) => count > 0)).toBe(true);
  });

  it("is opened elsewhere where its gateway is gone or has no room, and the 503 comes only when none has", async () => {
    const { upstreams, nginx } = await start(3);
    upstreams[0]?.server.on("upgrade", (_request, socket) => {
      socket.end(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      );
    });
    const room = new WebSocketServer({ noServer: true });
    let accepted = 0;
    upstreams[1]?.server.on("upgrade", (request, socket, head) => {
      room.handleUpgrade(request, socket, head, () => void accepted++);
    });
    await upstreams[2]?.kill();
    const url = `${nginx.url.replace("https", "wss")}/v1/realtime?session_id=`;
    for (let session = 0; session < 20; session++) {
      const client = await connectVoice(`${url}s${session}`, { ca: nginx.ca });
      client.socket.terminate();
    }
    expect(accepted).toBe(20);
    await upstreams[1]?.kill();
    const refusal = await connectVoice(`${url}s0`, { ca: nginx.ca }).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(UpgradeRefused);
    expect([502, 503]).toContain((refusal as UpgradeRefused).status);
  });
});
