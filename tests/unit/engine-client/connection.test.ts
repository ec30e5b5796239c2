import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createHttpEngine } from "../../../services/engine-client/index.ts";
import { EngineUnavailableError, type GenerateEvent } from "../../../services/inference/index.ts";
import { settle } from "../../support/macrotask.ts";
import { collect, merhaba } from "./collect.ts";
import { type Answer, chatChunk, json, scriptedPeer, stream } from "./scripted-peer.ts";

const reply = stream([chatChunk({ content: "Selam" }), chatChunk({}, "stop")]);
const chat = "POST /v1/chat/completions";
const begins: Answer = (_call, response) => {
  response
    .writeHead(200, { "content-type": "text/event-stream" })
    .write(`data: ${JSON.stringify(chatChunk({ content: "Se" }))}\n\n`);
};
const sektor = (url: string, more: object = {}) => createHttpEngine({ dialect: "sektor", url, ...more });

describe("an engine that cannot be reached", () => {
  it("is unavailable when nobody listens", async () => {
    const peer = await scriptedPeer({});
    await peer[Symbol.asyncDispose]();
    await using engine = sektor(peer.url);
    const attempt = collect(engine);
    await expect(attempt).rejects.toBeInstanceOf(EngineUnavailableError);
    await expect(attempt).rejects.toMatchObject({ code: "engine_unavailable", status: 503, retryAfterS: 2 });
    await expect(attempt).rejects.toThrow("The engine is down or starting.");
    await expect(engine.status()).rejects.toBeInstanceOf(EngineUnavailableError);
  });

  it("is unavailable when its unix socket is not there yet", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sektor-client-"));
    await using engine = createHttpEngine({ dialect: "sektor", socketPath: join(folder, "infer.sock") });
    await expect(collect(engine)).rejects.toBeInstanceOf(EngineUnavailableError);
    rmSync(folder, { recursive: true });
  });

  it("is unavailable when it says nothing for too long", async () => {
    await using peer = await scriptedPeer({ [chat]: () => {}, "GET /internal/status": () => {} });
    await using engine = sektor(peer.url, { timeouts: { firstByteMs: 50, callMs: 50 } });
    await expect(collect(engine)).rejects.toBeInstanceOf(EngineUnavailableError);
    await expect(engine.status()).rejects.toBeInstanceOf(EngineUnavailableError);
  });

  it("serves again once it is back", async () => {
    let down = true;
    await using peer = await scriptedPeer({
      [chat]: (call, response) => (down ? response.destroy() : reply(call, response)),
    });
    await using engine = sektor(peer.url);
    await expect(collect(engine)).rejects.toBeInstanceOf(EngineUnavailableError);
    down = false;
    expect((await collect(engine)).at(-1)).toMatchObject({ type: "end" });
  });

  it("is unavailable after it was closed", async () => {
    await using peer = await scriptedPeer({ [chat]: reply });
    const engine = sektor(peer.url);
    await engine[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
    await expect(collect(engine)).rejects.toBeInstanceOf(EngineUnavailableError);
  });
});

describe("a reply that breaks off", () => {
  it.each<[string, Answer]>([
    ["with the connection", (call, response) => [begins(call, response), setTimeout(() => response.destroy(), 10)]],
    ["with an orderly end but no word how it ended", (call, response) => [begins(call, response), response.end()]],
    ["with silence", begins],
  ])("is told apart from one that ended: %s", async (_how, answer) => {
    await using peer = await scriptedPeer({ [chat]: answer, "GET /lora-adapters": json([]) });
    // llama-server's connections are closed after each stream, which undici tells apart in another way.
    for (const dialect of ["sektor", "llama-server"] as const) await breaksOff(dialect, peer.url);
  });

  async function breaksOff(dialect: "sektor" | "llama-server", url: string): Promise<void> {
    await using engine = createHttpEngine({ dialect, url, timeouts: { idleMs: 100 } });
    const events: GenerateEvent[] = [];
    const reading = (async () => {
      for await (const event of engine.generate(merhaba)) events.push(event);
    })();
    await expect(reading).rejects.toBeInstanceOf(EngineUnavailableError);
    expect(events).toEqual([{ type: "text-delta", text: "Se" }]);
  }

  it("is a failure when it is not JSON", async () => {
    await using peer = await scriptedPeer({
      [chat]: (_call, response) =>
        response.writeHead(200, { "content-type": "text/event-stream" }).end("data: <html>\n\n"),
    });
    await using engine = sektor(peer.url);
    await expect(collect(engine)).rejects.toMatchObject({ code: "engine_failed", status: 502 });
  });
});

describe("a busy or starting engine", () => {
  it.each<[object, number, object, object]>([
    [
      {
        error: {
          message: "The engine is busy: every place is taken and the queue is full.",
          type: "server_error",
          code: "engine_saturated",
        },
      },
      503,
      { "retry-after": "7" },
      { code: "engine_saturated", retryAfterS: 7 },
    ],
    [
      { error: { message: "The engine is down or starting.", type: "server_error", code: "engine_unavailable" } },
      503,
      { "retry-after": "4" },
      { code: "engine_unavailable", retryAfterS: 4 },
    ],
    [{}, 502, {}, { code: "engine_unavailable", retryAfterS: 2 }],
    [{}, 429, { "retry-after": "9" }, { code: "engine_saturated", retryAfterS: 9 }],
  ])("says when to try again: %j %i", async (body, status, headers, expected) => {
    await using peer = await scriptedPeer({ [chat]: json(body, status, headers as Record<string, string>) });
    await using engine = sektor(peer.url);
    await expect(collect(engine)).rejects.toMatchObject({ status: 503, ...expected });
  });

  it("takes no more requests than it was told to", async () => {
    await using peer = await scriptedPeer({ [chat]: begins });
    await using engine = sektor(peer.url, { maxInFlight: 1 });
    const first = engine.generate(merhaba)[Symbol.asyncIterator]();
    await first.next();
    await expect(collect(engine)).rejects.toMatchObject({ code: "engine_saturated", retryAfterS: 1 });
    await first.return?.();
  });

  it("counts texts to embed among them, and asks for no more at once than there is room for", async () => {
    let atWork = 0;
    let most = 0;
    const vector: Answer = async (call, response) => {
      most = Math.max(most, ++atWork);
      await settle(5);
      atWork--;
      json({ data: [{ embedding: [1, 0] }], usage: { prompt_tokens: 1 } })(call, response);
    };
    await using peer = await scriptedPeer({ [chat]: begins, "POST /v1/embeddings": vector });
    await using engine = sektor(peer.url, { maxInFlight: 3 });
    const first = engine.generate(merhaba)[Symbol.asyncIterator]();
    await first.next();
    const embedding = engine.embed(["bir", "iki", "üç", "dört", "beş"]);
    await expect(engine.embed(["altı"])).rejects.toMatchObject({ code: "engine_saturated", status: 503 });
    await expect(collect(engine)).rejects.toMatchObject({ code: "engine_saturated" });
    expect(await embedding).toHaveLength(5);
    expect(most).toBe(2);
    expect(await engine.embed(["altı"])).toHaveLength(1);
    await first.return?.();
  });

  it("hides that our own token was refused behind a failure of ours", async () => {
    await using peer = await scriptedPeer({
      [chat]: json(
        { error: { message: "Invalid API key sk-123", type: "authentication_error", code: "invalid_api_key" } },
        401,
      ),
    });
    await using engine = sektor(peer.url, { token: "yanlis" });
    await expect(collect(engine)).rejects.toMatchObject({ code: "engine_denied", status: 502 });
    expect(peer.asked[0]?.headers.authorization).toBe("Bearer yanlis");
  });
});

describe("leaving", () => {
  it.each(["by its signal", "by not reading on"])(
    "closes the request, so that the engine stops computing: %s",
    async (how) => {
      const closed = vi.fn();
      await using peer = await scriptedPeer({
        [chat]: (call, response) => {
          response.on("close", () => closed(response.writableFinished));
          return begins(call, response);
        },
      });
      await using engine = sektor(peer.url);
      const leaving = new AbortController();
      const reading = (async () => {
        for await (const _ of engine.generate(merhaba, leaving.signal)) {
          if (how === "by its signal") leaving.abort(new Error("gitti"));
          else break;
        }
      })();
      if (how === "by its signal") await expect(reading).rejects.toThrow("gitti");
      else await reading;
      await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(false));
    },
  );

  it("does not wait for what the engine was asked beforehand", async () => {
    await using peer = await scriptedPeer({ "GET /v1/models": () => {} });
    await using engine = createHttpEngine({ dialect: "vllm", url: peer.url });
    const leaving = new AbortController();
    const reading = collect(engine, merhaba, leaving.signal);
    await vi.waitFor(() => expect(peer.asked).toHaveLength(1));
    leaving.abort(new Error("gitti"));
    await expect(reading).rejects.toThrow("gitti");
  });

  it("keeps the connection of a reply that was read to its end for the next one", async () => {
    const connections = vi.fn();
    const server = createServer((request, response) => {
      request.resume();
      reply({ method: "POST", path: "", headers: {}, body: {} }, response);
    });
    server.on("connection", connections).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    await using engine = sektor(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
    for (let i = 0; i < 10; i++) await collect(engine);
    // A second one is opened when a request comes in the very moment in which the first is not yet marked as free.
    expect(connections.mock.calls.length).toBeLessThanOrEqual(2);
    server.closeAllConnections();
    server.close();
  });
});
