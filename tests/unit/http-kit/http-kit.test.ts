import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { type Static, Type } from "@fastify/type-provider-typebox";
import pino from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { PlatformError } from "../../../services/foundation/index.ts";
import {
  asPlatformError,
  buildApp,
  clientSignal,
  openAiErrors,
  problemErrors,
  renderProblem,
  streamEvents,
} from "../../../services/http-kit/index.ts";
import { settle } from "../../support/macrotask.ts";

const Body = Type.Object({
  name: Type.String({ minLength: 2 }),
  inner: Type.Optional(Type.Object({ n: Type.Integer() })),
});

const open: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

function newApp(errors: "problem" | "openai" = "problem") {
  const lines: string[] = [];
  const app = buildApp({
    logger: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }),
    trustProxy: false,
    bodyLimitBytes: 2048,
    requestTimeoutMs: 30_000,
  });
  if (errors === "problem") problemErrors(app);
  else openAiErrors(app);
  app.post("/echo", { schema: { body: Body } }, async (request) => request.body as Static<typeof Body>);
  app.get("/throw/:what", async (request) => {
    const { what } = request.params as { what: string };
    if (what === "named") {
      throw new PlatformError({
        code: "engine_saturated",
        status: 503,
        message: "Busy.",
        messageTr: "Yoğun.",
        retryAfterS: 3,
      });
    }
    if (what === "timeout") throw new DOMException("x", "TimeoutError");
    if (what === "left") throw new DOMException("x", "AbortError");
    throw new Error("secret detail /etc/passwd");
  });
  open.push(app);
  return { app, lines };
}

const post = (
  app: ReturnType<typeof newApp>["app"],
  payload: string | Buffer | object,
  headers: Record<string, string> = {},
) => app.inject({ method: "POST", url: "/echo", payload, headers: { "content-type": "application/json", ...headers } });

describe("a JSON body", () => {
  it("is taken as it is, Turkish letters included", async () => {
    const { app } = newApp();
    const reply = await post(app, { name: "Şükrü Iğdır 😀" });
    expect(reply.json()).toEqual({ name: "Şükrü Iğdır 😀" });
    expect(reply.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is never changed to fit: a number is no text", async () => {
    const { app } = newApp();
    const reply = await post(app, { name: 55 });
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ code: "invalid_request", param: "name" });
  });

  it("names the field that is missing or wrong, however deep", async () => {
    const { app } = newApp();
    expect((await post(app, {})).json()).toMatchObject({ param: "name" });
    expect((await post(app, { name: "ab", inner: { n: 1.5 } })).json()).toMatchObject({ param: "inner.n" });
    expect((await post(app, { name: "ab", inner: {} })).json()).toMatchObject({ param: "inner.n" });
    expect((await post(app, "[]")).json()).toMatchObject({ param: "body" });
  });

  it.each([
    ["not valid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, "invalid_encoding"],
    [
      "Latin-5",
      Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xfe, 0xfd]), Buffer.from('"}')]),
      400,
      "invalid_encoding",
    ],
    ["cut off", '{"name":', 400, "malformed_json"],
    ["empty", "", 400, "malformed_json"],
    ["poisoned", '{"name":"ab","__proto__":{"x":1}}', 400, "malformed_json"],
    ["too large", JSON.stringify({ name: "x".repeat(3000) }), 413, "body_too_large"],
  ])("that is %s has its own error", async (_, payload, status, code) => {
    const { app } = newApp();
    const reply = await post(app, payload);
    expect([reply.statusCode, reply.json().code]).toEqual([status, code]);
  });

  it("of another type is refused by name", async () => {
    const { app } = newApp();
    const reply = await post(app, "name=ab", { "content-type": "application/x-www-form-urlencoded" });
    expect([reply.statusCode, reply.json().code]).toEqual([415, "unsupported_media_type"]);
  });
});

describe("problem details", () => {
  it.each([
    [undefined, "tr"],
    ["", "tr"],
    ["tr", "tr"],
    ["en", "en"],
    ["en-US,en;q=0.9,tr;q=0.5", "en"],
    ["tr-TR,tr;q=0.9,en;q=0.8", "tr"],
    ["de,en;q=0.3", "en"],
    ["de", "tr"],
    ["*", "tr"],
    ["en;q=0.5,tr;q=0.5", "tr"],
    ["en;q=0", "tr"],
    ["EN", "en"],
    ["en;q=x", "tr"],
  ])("answer %s in %s", async (header, language) => {
    const { app } = newApp();
    const reply = await app.inject({
      url: "/throw/named",
      headers: header === undefined ? {} : { "accept-language": header },
    });
    expect(reply.headers["content-language"]).toBe(language);
    expect(reply.headers["content-type"]).toContain("application/problem+json");
    expect(reply.json()).toEqual({
      type: expect.stringMatching(/errors#engine_saturated$/),
      title: "PlatformError",
      status: 503,
      code: "engine_saturated",
      detail: language === "tr" ? "Yoğun." : "Busy.",
    });
  });

  it("say when to try again", async () => {
    const { app } = newApp();
    expect((await app.inject("/throw/named")).headers["retry-after"]).toBe("3");
  });

  it("speak English where there is no Turkish", () => {
    expect(renderProblem(new PlatformError({ code: "c", status: 400, message: "Only this." }), "tr").detail).toBe(
      "Only this.",
    );
  });

  it("tell nothing of what nobody foresaw, but log it", async () => {
    const { app, lines } = newApp();
    const reply = await app.inject("/throw/unforeseen");
    expect([reply.statusCode, reply.json().code]).toEqual([500, "internal"]);
    expect(reply.body).not.toContain("secret");
    expect(lines.join()).toContain("secret detail");
  });

  it("name an address with nothing behind it, in the reader's language", async () => {
    const { app } = newApp();
    const reply = await app.inject({ url: "/nothing", headers: { "accept-language": "en" } });
    expect(reply.json()).toMatchObject({ status: 404, code: "not_found", detail: "There is nothing at this address." });
    expect(reply.headers["content-language"]).toBe("en");
  });
});

describe("OpenAI errors", () => {
  it("have OpenAI's shape for every kind of fault", async () => {
    const { app } = newApp("openai");
    expect((await post(app, {})).json()).toMatchObject({
      error: { type: "invalid_request_error", param: "name", code: "invalid_request" },
    });
    expect((await app.inject("/nothing")).json()).toMatchObject({
      error: { type: "not_found_error", code: "not_found" },
    });
    expect((await app.inject("/throw/unforeseen")).json()).toMatchObject({
      error: { type: "server_error", code: "internal" },
    });
    const busy = await app.inject("/throw/named");
    expect(busy.json()).toEqual({
      error: { message: "Busy.", type: "server_error", param: null, code: "engine_saturated" },
    });
    expect(busy.headers["retry-after"]).toBe("3");
  });
});

describe("asPlatformError", () => {
  it("tells a reply that took too long from a client that left", () => {
    expect(asPlatformError(new DOMException("x", "TimeoutError"))).toMatchObject({
      code: "reply_timeout",
      status: 504,
    });
    expect(asPlatformError(new DOMException("x", "AbortError"))).toMatchObject({
      code: "request_aborted",
      status: 499,
    });
  });

  it("names too many requests, and keeps other client faults as they are", () => {
    expect(asPlatformError({ statusCode: 429 })).toMatchObject({ code: "rate_limit_exceeded", status: 429 });
    expect(asPlatformError({ statusCode: 405 })).toMatchObject({ code: "invalid_request", status: 405 });
  });

  it.each([undefined, null, "text", 5, new Error("x"), { statusCode: 502 }])("calls %s internal", (thrown) => {
    expect(asPlatformError(thrown)).toMatchObject({ code: "internal", status: 500 });
  });
});

describe("the log", () => {
  it("holds one line a request and nothing that was said", async () => {
    const { app, lines } = newApp();
    await post(app, { name: "çok gizli söz" });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      msg: "request-end",
      method: "POST",
      route: "/echo",
      status: 200,
    });
    expect(lines.join()).not.toContain("gizli");
  });
});

interface Source {
  taken: number;
  closed: boolean;
  aborted: boolean;
}

function streamingApp(frames: (source: Source, signal: AbortSignal) => AsyncGenerator<string>) {
  const { app } = newApp();
  const source: Source = { taken: 0, closed: false, aborted: false };
  app.get("/stream", async (request, reply) => {
    const signal = clientSignal(reply, 60_000);
    signal.addEventListener("abort", () => {
      source.aborted = true;
    });
    reply.header("x-own", "1");
    return await streamEvents(request, reply, frames(source, signal), (error) => `data: ${error.code}\n\n`);
  });
  return { app, source };
}

async function listening(app: ReturnType<typeof newApp>["app"]): Promise<number> {
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}

describe("an event stream", () => {
  it("sends its frames as server-sent events, with the headers set before", async () => {
    const { app } = streamingApp(async function* () {
      yield "data: 1\n\n";
      yield "data: 2\n\n";
    });
    const reply = await app.inject("/stream");
    expect(reply.body).toBe("data: 1\n\ndata: 2\n\n");
    expect(reply.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "x-own": "1",
      "x-accel-buffering": "no",
    });
    expect(reply.headers["x-request-id"]).toBeDefined();
  });

  it("answers with a status when it fails before its first frame", async () => {
    // biome-ignore lint/correctness/useYield: it fails before it says anything
    const { app } = streamingApp(async function* () {
      throw new PlatformError({ code: "engine_saturated", status: 503, message: "Busy.", retryAfterS: 2 });
    });
    const reply = await app.inject("/stream");
    expect([reply.statusCode, reply.json().code, reply.headers["retry-after"]]).toEqual([503, "engine_saturated", "2"]);
  });

  it("ends with the failure as its last event when it fails later", async () => {
    const { app } = streamingApp(async function* () {
      yield "data: 1\n\n";
      throw new Error("secret");
    });
    const reply = await app.inject("/stream");
    expect([reply.statusCode, reply.body]).toEqual([200, "data: 1\n\ndata: internal\n\n"]);
  });

  it("slows the source down for a slow reader, and loses nothing", async () => {
    const frames = 4000;
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    const { app, source } = streamingApp(async function* (state) {
      for (let i = 0; i < frames; i++) {
        state.taken++;
        yield `data: ${i} ${"x".repeat(4000)}\n\n`;
      }
    });
    const port = await listening(app);
    const socket = connect(port, "127.0.0.1");
    socket.pause();
    socket.write("GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let before = -1;
    while (source.taken === 0 || before !== source.taken) {
      before = source.taken;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(source.taken).toBeLessThan(frames);
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.resume();
    await once(socket, "close");
    expect(text.match(/data: \d+ x/g)).toHaveLength(frames);
    await settle();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  it("stops its source when the client leaves", async () => {
    const { app, source } = streamingApp(async function* (state, signal) {
      try {
        for (;;) {
          state.taken++;
          yield "data: x\n\n";
          await new Promise<void>((resolve, reject) => {
            setTimeout(resolve, 5);
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          });
        }
      } finally {
        state.closed = true;
      }
    });
    const port = await listening(app);
    const controller = new AbortController();
    const reply = await fetch(`http://127.0.0.1:${port}/stream`, { signal: controller.signal });
    await reply.body?.getReader().read();
    controller.abort();
    await expect.poll(() => source.closed).toBe(true);
    expect(source.aborted).toBe(true);
    const { taken } = source;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(source.taken).toBe(taken);
  });

  it("stops its source when the client leaves while it is not reading", async () => {
    const { app, source } = streamingApp(async function* (state) {
      try {
        for (;;) {
          state.taken++;
          yield `data: ${"x".repeat(4000)}\n\n`;
        }
      } finally {
        state.closed = true;
      }
    });
    const port = await listening(app);
    const socket = connect(port, "127.0.0.1");
    socket.pause();
    socket.write("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    let before = -1;
    while (source.taken === 0 || before !== source.taken) {
      before = source.taken;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    socket.destroy();
    await expect.poll(() => source.closed).toBe(true);
  });
});

describe("an app that closes", () => {
  it("does not wait for connections over which nothing was ever asked", async () => {
    const { app } = newApp();
    const port = await listening(app);
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    await settle();
    const closed = once(socket, "close");
    await app.close();
    await closed;
    expect(app.server.listening).toBe(false);
  });

  it("lets a reply that is on its way come to its end", async () => {
    const { app } = streamingApp(async function* () {
      yield "data: 1\n\n";
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield "data: 2\n\n";
    });
    const port = await listening(app);
    const reply = await fetch(`http://127.0.0.1:${port}/stream`);
    const [text] = await Promise.all([reply.text(), app.close()]);
    expect(text).toBe("data: 1\n\ndata: 2\n\n");
  });
});

describe("clientSignal", () => {
  it("does not fire for a reply that was sent to its end", async () => {
    const { app, source } = streamingApp(async function* () {
      yield "data: 1\n\n";
    });
    const port = await listening(app);
    expect(await (await fetch(`http://127.0.0.1:${port}/stream`)).text()).toBe("data: 1\n\n");
    await settle(5);
    expect(source.aborted).toBe(false);
  });

  it("fires when the reply takes longer than it may", async () => {
    const { app } = newApp();
    app.get("/slow", async (_request, reply) => {
      const signal = clientSignal(reply, 1);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { reason: (signal.reason as DOMException).name };
    });
    expect((await app.inject("/slow")).json()).toEqual({ reason: "TimeoutError" });
  });
});
