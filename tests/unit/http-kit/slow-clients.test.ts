import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import pino from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { buildApp, problemErrors, streamEvents } from "../../../services/http-kit/index.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Source {
  taken: number;
  closed: boolean;
}

/** A frame is 64 KiB: what the system itself holds for a reader is soon full. */
const frame = `data: ${"x".repeat(65_536)}\n\n`;

async function serve(limits: { requestTimeoutMs?: number; headersTimeoutMs?: number; stalledReaderMs?: number }) {
  const lines: string[] = [];
  const app = buildApp({
    logger: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }),
    trustProxy: false,
    bodyLimitBytes: 2048,
    requestTimeoutMs: 30_000,
    ...limits,
  });
  problemErrors(app);
  const source: Source = { taken: 0, closed: false };
  async function* frames(count: number) {
    try {
      for (; source.taken < count; source.taken++) yield frame;
    } finally {
      source.closed = true;
    }
  }
  app.get("/quick", async () => ({ ok: true }));
  app.post("/quick", async () => ({ ok: true }));
  app.get("/whole", async () => "x".repeat(64 * 1024 * 1024));
  app.get<{ Params: { count: number } }>("/stream/:count", (request, reply) =>
    streamEvents(request, reply, frames(Number(request.params.count)), () => ""),
  );
  closers.push(() => app.close());
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const open = (): Socket => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    closers.push(() => socket.destroy());
    return socket;
  };
  const connections = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)));
  const quick = async () =>
    (await fetch(`http://127.0.0.1:${port}/quick`, { headers: { connection: "close" } })).status;
  return { open, source, connections, quick, lines };
}

/** All a connection says until it ends. */
async function heard(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (piece) => {
    text += piece.toString();
  });
  await once(socket, "close");
  return text;
}

/** Sends a byte now and then until the connection ends. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? "x"), 20);
  socket.on("close", () => clearInterval(timer));
}

describe("a client that sends slowly", () => {
  it("has so long for the head of its request, then hears 408 and is cut off", async () => {
    const { open } = await serve({ headersTimeoutMs: 200 });
    const socket = open();
    socket.write("GET /quick HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    drip(socket, "x");
    const text = await heard(socket);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toMatchObject({ status: 408, code: "request_timeout" });
  });

  it("has no longer when it sends nothing at all", async () => {
    const { open, connections } = await serve({ headersTimeoutMs: 200 });
    expect(await heard(open())).toMatch(/^HTTP\/1\.1 408 /);
    await expect.poll(connections).toBe(0);
  });

  it("has so long for the whole request, however steadily its body drips", async () => {
    const { open } = await serve({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
    const socket = open();
    socket.write("POST /quick HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n");
    drip(socket, " ");
    expect(await heard(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("keeps nobody else waiting, and hundreds of its kind are gone soon", async () => {
    const { open, connections, quick } = await serve({ headersTimeoutMs: 300 });
    const sockets = Array.from({ length: 300 }, open);
    for (const socket of sockets) {
      socket.write("GET /quick HTTP/1.1\r\nX: ");
      drip(socket, "x");
    }
    expect(await quick()).toBe(200);
    await expect.poll(connections, { timeout: 10_000 }).toBe(0);
    expect(await quick()).toBe(200);
  });
});

it.each([
  ["no HTTP", "\u0016\u0003\u0001 TLS?\r\n\r\n", 400, "malformed_request"],
  ["a head that is too large", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
])("a client that sends %s hears what is wrong", async (_, sent, status, code) => {
  const { open } = await serve({});
  const socket = open();
  socket.write(sent);
  const text = await heard(socket);
  expect(text.startsWith(`HTTP/1.1 ${status} `)).toBe(true);
  expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toMatchObject({ status, code });
});

describe("a client that does not read", () => {
  const ask = (socket: Socket, path: string): void => {
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  };

  it("is cut off from its stream, whose source ends, and little was taken from the source", async () => {
    const { open, source, connections, lines } = await serve({ stalledReaderMs: 200 });
    ask(open(), "/stream/100000");
    await expect.poll(() => source.closed, { timeout: 10_000 }).toBe(true);
    await expect.poll(connections).toBe(0);
    // Some megabytes lie with the system; the hundred thousand frames would be six gigabytes.
    expect(source.taken).toBeLessThan(1000);
    expect(lines.join()).toContain("reader-stalled");
  });

  it("is cut off from a reply that is complete on our side", async () => {
    const { open, connections } = await serve({ stalledReaderMs: 200 });
    ask(open(), "/whole");
    await expect.poll(connections, { timeout: 10_000 }).toBe(0);
  });

  it("is waited for as long as it takes where no limit is set", async () => {
    const { open, source, connections } = await serve({});
    ask(open(), "/stream/100000");
    let before = -1;
    while (source.taken === 0 || before !== source.taken) {
      before = source.taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect([source.closed, await connections()]).toEqual([false, 1]);
  });
});

it("a client that reads slowly but steadily gets everything, and its connection goes on", async () => {
  const frames = 200;
  const { open, source } = await serve({ stalledReaderMs: 1000 });
  const socket = open();
  let bytes = 0;
  socket.on("data", (piece) => {
    bytes += piece.length;
    socket.pause();
    setTimeout(() => socket.resume(), 2);
  });
  socket.write(`GET /stream/${frames} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await expect.poll(() => bytes, { timeout: 15_000 }).toBeGreaterThan(frames * frame.length);
  expect([source.taken, socket.destroyed]).toEqual([frames, false]);
});
