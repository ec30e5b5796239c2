import { cp, mkdtemp, rm, truncate } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../support/json.ts";
import { readEvents } from "../support/read-events.ts";
import { type ServeProcess, serveRefuses, startServe } from "../support/serve-process.ts";

let serve: ServeProcess;
beforeAll(async () => {
  serve = await startServe();
});
afterAll(async () => {
  await serve?.stop();
});

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${serve.url}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
const chat = (body: object) => post("/api/v1/chat", JSON.stringify(body));

describe("bad input to /api/v1/chat", () => {
  const cases: readonly (readonly [
    name: string,
    body: string | Uint8Array<ArrayBuffer>,
    status: number,
    code: string,
  ])[] = [
    ["an empty message", JSON.stringify({ message: "" }), 400, "empty_message"],
    ["white space", JSON.stringify({ message: " \n\t " }), 400, "empty_message"],
    ["no message at all", "{}", 400, "invalid_request"],
    ["a message of the wrong type", JSON.stringify({ message: 5 }), 400, "invalid_request"],
    ["a list instead of an object", "[]", 400, "invalid_request"],
    ["malformed JSON", '{"message": "a', 400, "malformed_json"],
    ["an empty body", "", 400, "malformed_json"],
    [
      "bytes that are not UTF-8",
      Uint8Array.from([...Buffer.from('{"message":"'), 0xff, 0xfe, ...Buffer.from('"}')]),
      400,
      "invalid_encoding",
    ],
    ["an unknown sector", JSON.stringify({ message: "a", sector: "astroloji" }), 400, "unknown_sector"],
    ["max_tokens 0", JSON.stringify({ message: "a", max_tokens: 0 }), 400, "invalid_request"],
    ["a negative temperature", JSON.stringify({ message: "a", temperature: -1 }), 400, "invalid_request"],
    ["a huge number", JSON.stringify({ message: "a", max_tokens: 1e300 }), 400, "invalid_request"],
    ["a message over the limit", JSON.stringify({ message: "a".repeat(8001) }), 413, "message_too_long"],
    ["two megabytes", JSON.stringify({ message: "a".repeat(2_000_000) }), 413, "body_too_large"],
    ["a session id with a slash", JSON.stringify({ message: "a", session_id: "../etc" }), 400, "invalid_session_id"],
  ];
  it.each(cases)("%s is refused as a problem with its own code", async (_name, body, status, code) => {
    const reply = await post("/api/v1/chat", body);
    expect(reply.headers.get("content-type")).toContain("application/problem+json");
    const problem = await json(reply);
    expect({ status: reply.status, code: problem.code }).toEqual({ status, code });
    expect(problem.detail.length).toBeGreaterThan(5);
  });

  it("is refused for a message that is longer than the model's context", async () => {
    const reply = await chat({ message: "ölçülemeyecek kadar uzun bir cümle ".repeat(220) });
    expect({ status: reply.status, code: (await json(reply)).code }).toEqual({
      status: 400,
      code: "context_length_exceeded",
    });
  });

  it("is explained in Turkish, and in English to those who ask for it", async () => {
    const turkish = await json(post("/api/v1/chat", JSON.stringify({ message: "" })));
    const english = await json(post("/api/v1/chat", JSON.stringify({ message: "" }), { "accept-language": "en" }));
    expect(turkish.detail).toBe("İleti boş.");
    expect(english.detail).toBe("The message is empty.");
  });

  it("of another media type is refused", async () => {
    const reply = await fetch(`${serve.url}/api/v1/chat`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "merhaba",
    });
    expect(reply.status).toBe(415);
  });
});

describe("bad input to /v1", () => {
  it.each([
    [
      "1 000 messages",
      { messages: Array.from({ length: 1000 }, () => ({ role: "user", content: "a" })) },
      400,
      "too_many_messages",
    ],
    ["no messages", { messages: [] }, 400, "invalid_request"],
    ["an unknown role", { messages: [{ role: "kedi", content: "a" }] }, 400, "invalid_request"],
    ["an unknown model", { model: "gpt-9", messages: [{ role: "user", content: "a" }] }, 404, "model_not_found"],
    [
      "an image",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
      400,
      "unsupported_content",
    ],
    ["an empty conversation", { messages: [{ role: "user", content: "" }] }, 400, "empty_message"],
    ["top_logprobs alone", { messages: [{ role: "user", content: "a" }], top_logprobs: 2 }, 400, "invalid_request"],
  ])("%s is refused in OpenAI's shape", async (_name, body, status, code) => {
    const reply = await post("/v1/chat/completions", JSON.stringify(body));
    const { error } = await json(reply);
    expect({ status: reply.status, code: error.code }).toEqual({ status, code });
    expect(error).toMatchObject({ message: expect.any(String), type: expect.any(String) });
  });

  it("an address that is not there is a 404 in the scope's shape", async () => {
    expect(await json(fetch(`${serve.url}/v1/yok`))).toMatchObject({ error: { code: "not_found" } });
    expect(await json(fetch(`${serve.url}/yok`))).toMatchObject({ code: "not_found", status: 404 });
  });
});

/** Greedily the embedded model goes on counting to the last token it may say. */
const endless = { message: "bir iki üç dört beş altı", temperature: 0, stream: true, max_tokens: 3000 };

describe("a client that leaves", () => {
  it("frees its place, and the session stays as it was", async () => {
    const left = new AbortController();
    const reply = await fetch(`${serve.url}/api/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...endless, session_id: "left" }),
      signal: left.signal,
    });
    for await (const { event } of readEvents(reply)) if (event === "delta") break;
    left.abort();
    await expect
      .poll(async () => (await json(fetch(`${serve.url}/health`))).capacity.active, { timeout: 10_000 })
      .toBe(0);
    expect((await fetch(`${serve.url}/v1/sessions/left`)).status).toBe(404);
  });
});

describe("infer killed with −9", () => {
  it("mid-stream: the stream ends with a typed error, callers get 503 and Retry-After, then it serves again and no session is lost", async () => {
    const first = (await json(chat({ message: "Kredi kartı borcumu yapılandırmak istiyorum", session_id: "kept" })))
      .data;
    expect(first.sector).toBe("finance_banking");
    const reply = await chat(endless);
    const again = serve.nextEvent("infer-serves");
    const killed = serve.inferPid();
    let last: { event: string | undefined; data: string } | undefined;
    for await (const event of readEvents(reply)) {
      if (event.event === "delta" && last?.event !== "delta") process.kill(killed, "SIGKILL");
      last = event;
    }
    expect(last?.event).toBe("error");
    expect(JSON.parse(last?.data ?? "{}")).toMatchObject({ code: "engine_unavailable", status: 503 });

    const meanwhile = await chat({ message: "Merhaba", sector: "legal" });
    if (meanwhile.status !== 200) {
      expect(meanwhile.status).toBe(503);
      expect(Number(meanwhile.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    await again;
    expect(serve.inferPid()).not.toBe(killed);
    await expect.poll(async () => (await fetch(`${serve.url}/health/ready`)).status, { timeout: 30_000 }).toBe(200);
    const next = (await json(chat({ message: "Peki ne kadar sürer?", session_id: "kept" }))).data;
    expect(next).toMatchObject({ sector: "finance_banking", routed_by: "session" });
  });

  it("in the middle of a queued job: the next engine does it", async () => {
    const input = { prompt: endless.message, temperature: 0, max_new_tokens: 800 };
    const { id } = await json(post("/v2/sektor/run", JSON.stringify({ input })));
    const status = async () => await json(fetch(`${serve.url}/v2/sektor/status/${id}`));
    await expect.poll(async () => (await status()).status, { timeout: 30_000, interval: 20 }).toBe("IN_PROGRESS");
    const again = serve.nextEvent("infer-serves");
    process.kill(serve.inferPid(), "SIGKILL");
    expect((await status()).status).not.toBe("COMPLETED");
    await again;
    await expect.poll(async () => (await status()).status, { timeout: 90_000 }).toBe("COMPLETED");
    expect((await status()).output.response).toMatch(/\p{L}{3}/u);
  });

  it("at idle: the gateway stays alive, says it is not ready, and recovers by itself", async () => {
    const again = serve.nextEvent("infer-serves");
    process.kill(serve.inferPid(), "SIGKILL");
    await serve.nextEvent("infer-ended");
    expect((await fetch(`${serve.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${serve.url}/health`)).status).toBe(503);
    await again;
    await expect
      .poll(async () => (await chat({ message: "Merhaba", max_tokens: 4 })).status, { timeout: 30_000 })
      .toBe(200);
  });
});

describe("a start that cannot work is refused with its reason", () => {
  it("two serve processes on one data folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sektor-test-"));
    const first = await startServe({ dataFolder: folder });
    try {
      const { code, errors } = await serveRefuses({ SEKTOR_DATA: folder });
      expect(code).toBe(1);
      expect(errors).toContain("data_folder_in_use");
    } finally {
      await first.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("a port that is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const { code, errors } = await serveRefuses({ SEKTOR_PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(errors).toContain("port_taken");
  });

  it("an open address without keys", async () => {
    const { code, errors } = await serveRefuses({ SEKTOR_HOST: "0.0.0.0" });
    expect(code).toBe(1);
    expect(errors).toContain("open_bind_refused");
  });

  it("settings with faults, all of them named", async () => {
    const { code, errors } = await serveRefuses({ SEKTOR_PORT: "yüz", SEKTOR_SESSIONS: "dosya" });
    expect(code).toBe(1);
    expect(errors).toContain("SEKTOR_PORT");
    expect(errors).toContain("SEKTOR_SESSIONS");
  });

  it("more pinned adapters than fit", async () => {
    const { errors } = await serveRefuses({ SEKTOR_PINNED: "legal,insurance", SEKTOR_MAX_RESIDENT_ADAPTERS: "1" });
    expect(errors).toContain("pins_exceed_memory");
    expect(errors).toContain("SEKTOR_PINNED");
  });

  it("a truncated base model", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sektor-test-"));
    const model = join(folder, "sektor-base-v1.gguf");
    await cp("models/base/sektor-base-v1.gguf", model);
    await truncate(model, 3_000_000);
    const { code, errors } = await serveRefuses({ SEKTOR_MODEL: model });
    await rm(folder, { recursive: true, force: true });
    expect(code).toBe(1);
    expect(errors).toContain("base_model_rejected");
  });
});

describe("a base of one's own without adapters", () => {
  it("answers every sector from the base with the sector's prompt and says so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sektor-test-"));
    const model = join(folder, "benim-modelim.gguf");
    await cp("models/base/sektor-base-v1.gguf", model);
    const own = await startServe({ environment: { SEKTOR_MODEL: model, SEKTOR_ADAPTERS: folder } });
    try {
      const reply = await fetch(`${own.url}/api/v1/chat`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ message: "Kredi kartı borcumu yapılandırmak istiyorum", max_tokens: 8 }),
      });
      expect((await json(reply)).data).toMatchObject({ sector: "finance_banking", adapter: null });
      const { data } = await json(fetch(`${own.url}/v1/models`));
      expect(data.map((entry: { id: string }) => entry.id)).toEqual(["auto", "benim-modelim"]);
    } finally {
      await own.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("a pinned adapter", () => {
  it("is in memory from the start and stays there while others come and go", async () => {
    const narrow = await startServe({ environment: { SEKTOR_PINNED: "legal", SEKTOR_MAX_RESIDENT_ADAPTERS: "2" } });
    try {
      for (const sector of ["insurance", "tourism_hospitality"]) {
        const reply = await fetch(`${narrow.url}/api/v1/chat`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ message: "Merhaba", sector, max_tokens: 1 }),
        });
        expect(reply.status).toBe(200);
      }
      const { data } = await json(fetch(`${narrow.url}/v1/adapters`));
      const resident = data.filter((adapter: { resident: boolean }) => adapter.resident);
      expect(resident).toHaveLength(2);
      expect(resident).toContainEqual(expect.objectContaining({ sector: "legal", pinned: true }));
    } finally {
      await narrow.stop();
    }
  });
});

describe("more requests than places and queue", () => {
  it("some wait and are served, the rest get 503 with Retry-After, and all is well again afterwards", async () => {
    const small = await startServe({ environment: { SEKTOR_SEQUENCES_PER_ADAPTER: "1", SEKTOR_QUEUE_LIMIT: "2" } });
    try {
      const ask = (message: string) =>
        fetch(`${small.url}/api/v1/chat`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ message, sector: "legal", max_tokens: 120 }),
        });
      const replies = await Promise.all(
        Array.from({ length: 12 }, (_, i) => ask(`${i}. soru: kira sözleşmemi nasıl feshederim?`)),
      );
      const statuses = replies.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(3);
      const refused = replies.filter(({ status }) => status !== 200);
      expect(refused.length).toBeGreaterThan(0);
      for (const reply of refused) {
        expect(reply.status).toBe(503);
        expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
        expect((await json(reply)).code).toBe("engine_saturated");
      }
      expect((await ask("Son bir soru daha")).status).toBe(200);
      expect(await small.stop()).toBe(0);
    } finally {
      await small.stop();
    }
  });
});

describe("a key that is configured", () => {
  it("is asked for, compared by its fingerprint, and never logged", async () => {
    const { createHash } = await import("node:crypto");
    const key = "gizli-anahtar-1";
    const keyed = await startServe({
      environment: { SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex") },
    });
    try {
      const ask = (headers: Record<string, string>) => fetch(`${keyed.url}/v1/models`, { headers });
      expect((await ask({})).status).toBe(401);
      expect((await ask({ authorization: "Bearer yanlis" })).status).toBe(401);
      expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(200);
      expect((await fetch(`${keyed.url}/health/live`)).status).toBe(200);
      await sleep(50);
      expect(JSON.stringify(keyed.log)).not.toContain(key);
    } finally {
      await keyed.stop();
    }
  });
});
