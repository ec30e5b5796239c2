import { connect } from "node:http2";
import { type StatusObject, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { type GrpcGatewayOptions, openGrpcPair, readAll, refusalOf } from "../../support/grpc-gateway.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(options: GrpcGatewayOptions = {}) {
  const gateway = await openGrpcPair(options);
  closers.push(gateway.close);
  return gateway;
}

/** A reply that goes on until somebody ends it. */
const endless = {
  adapters: ["legal@1"],
  reply: () => Array.from({ length: 100_000 }, () => "söz "),
  tokenMs: 5,
} as const;

describe("Generate", () => {
  it("routes an utterance, answers it under the sector's adapter, and says how", async () => {
    const { client } = await open();
    const reply = await client.ask("Generate", { message: "legal bir soru" });
    expect(reply.response).toContain("legal bir soru");
    expect(reply.opening).toMatchObject({
      sector: "legal",
      routed_by: "router",
      adapter: { name: "legal", version: "1" },
    });
    expect(reply.opening.confidence).toBeCloseTo(0.9);
    expect(reply.opening.session_id).not.toBe("");
    expect(reply.finish_reason).toBe("stop");
    expect(reply.usage.total_tokens).toBe(reply.usage.prompt_tokens + reply.usage.completion_tokens);
    expect(reply.usage.completion_tokens).toBeGreaterThan(0);
  });

  it("leaves sector and adapter out where nobody knows a sector", async () => {
    const { client } = await open();
    const { opening } = await client.ask("Generate", { message: "merhaba" });
    expect(Object.keys(opening)).not.toContain("_sector");
    expect(opening).toMatchObject({ routed_by: "fallback" });
    expect(opening.adapter ?? null).toBeNull();
    expect(opening.sector ?? "").toBe("");
  });

  it("hands on what the caller sets, and goes on with a session", async () => {
    const { client, engine, sessions } = await open();
    const first = await client.ask("Generate", { message: "merhaba", sector: "legal", max_tokens: 3, temperature: 0 });
    const { session_id } = first.opening;
    await client.ask("Generate", { message: "devam", session_id });
    expect(engine.calls[0]?.request).toMatchObject({
      adapterId: "legal@1",
      maxTokens: 3,
      sampling: { temperature: 0 },
    });
    expect(JSON.stringify(engine.calls[1]?.request.prompt)).toContain("merhaba");
    expect((await sessions.load(session_id))?.messages).toHaveLength(4);
  });

  it("tells the passages it used, and leaves them aside where it is asked to", async () => {
    const document = {
      id: "d1",
      title: "Kira",
      text: "Kira sözleşmesi yazılı yapılır.",
      source: "Kanun",
      sector: "legal",
    };
    const { client } = await open({ knowledge: createMemoryKnowledge([document] as never), minScore: 0 });
    const question = { message: "legal kira sözleşmesi yazılı mı yapılır" };
    const { opening } = await client.ask("Generate", question);
    expect(opening.sources).toEqual([expect.objectContaining({ document: "d1", title: "Kira", source: "Kanun" })]);
    const without = await client.ask("Generate", { ...question, use_knowledge: false });
    expect(without.opening.sources ?? []).toEqual([]);
  });

  it("gives every reply an id, the one of its row", async () => {
    const { client, rows } = await open();
    const stream = client.stream("GenerateStream", { message: "legal" });
    const ended = new Promise<StatusObject>((resolve) => stream.once("status", resolve));
    await readAll(stream);
    expect((await ended).metadata.get("x-request-id")).toEqual([rows[0]?.id]);
    const refusal = await refusalOf(client.ask("Generate", { message: "" }));
    expect(refusal.metadata.get("x-request-id")).toEqual([expect.stringMatching(/./)]);
  });

  it("leaves a row of the request log and a count, by its own endpoint", async () => {
    const { client, rows, metrics } = await open();
    await client.ask("Generate", { message: "legal bir soru", user_id: "ayşe" });
    expect(rows).toEqual([
      expect.objectContaining({
        endpoint: "grpc/Generate",
        sector: "legal",
        adapter: "legal@1",
        outcome: "ok",
        userId: "ayşe",
        message: "legal bir soru",
      }),
    ]);
    const text = await metrics.registry.metrics();
    expect(text).toContain('turkish_ai_requests_total{sector="legal",endpoint="grpc/Generate",method="POST"} 1');
    expect(text).toContain("turkish_ai_requests_in_progress 0");
  });

  it.each([
    [{ message: "" }, "empty_message", "message"],
    [{ message: "x", max_tokens: 0 }, "invalid_request", "max_tokens"],
    [{ message: "x", temperature: 3 }, "invalid_request", "temperature"],
    [{ message: "x", temperature: Number.NaN }, "invalid_request", "temperature"],
    [{ message: "x", session_id: "" }, "invalid_request", "session_id"],
    [{ message: "x".repeat(1001) }, "message_too_long", "message"],
    [{ message: "x", sector: "yok" }, "unknown_sector", "sector"],
  ])("refuses %o as an argument, and names code and field", async (request, code, param) => {
    const { client } = await open();
    const refusal = await refusalOf(client.ask("Generate", request));
    expect(refusal.code).toBe(status.INVALID_ARGUMENT);
    expect(refusal.metadata.get("sektor-code")).toEqual([code]);
    expect(refusal.metadata.get("sektor-param")).toEqual([param]);
  });

  it("says why in Turkish, and in English to who prefers it", async () => {
    const { client } = await open();
    const ask = (headers: Record<string, string>) => refusalOf(client.ask("Generate", { message: "" }, headers));
    const turkish = (await ask({})).details;
    const english = (await ask({ "accept-language": "en-GB, tr;q=0.5" })).details;
    expect(turkish).toBe("İleti boş.");
    expect(english).toMatch(/message/i);
  });

  it("cannot be brought to an unreadable refusal by a text that is cut within a character", async () => {
    const { client } = await open();
    const refusal = await refusalOf(client.ask("Generate", { message: "x", sector: `${"s".repeat(62)}😀` }));
    expect(refusal.metadata.get("sektor-code")).toEqual(["unknown_sector"]);
  });

  it("refuses a message over the body limit", async () => {
    const { client, engine } = await open({ httpSettings: { bodyLimitBytes: 1024 } });
    const refusal = await refusalOf(client.ask("Generate", { message: "x".repeat(2000) }));
    expect(refusal.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(engine.calls).toHaveLength(0);
  });

  it("tells nothing of what nobody foresaw", async () => {
    const fault = { afterTokens: 1, error: () => new Error("gizli ayrıntı") };
    const { client, rows, metrics } = await open({ script: { adapters: ["legal@1"], fault } });
    const refusal = await refusalOf(client.ask("Generate", { message: "legal" }));
    expect(refusal.code).toBe(status.INTERNAL);
    expect(refusal.details).not.toContain("gizli");
    expect(refusal.metadata.get("sektor-code")).toEqual(["internal"]);
    expect(rows).toEqual([expect.objectContaining({ outcome: "internal" })]);
    expect(await metrics.registry.metrics()).toContain(
      'turkish_ai_errors_total{sector="legal",endpoint="grpc/Generate",error_type="internal"} 1',
    );
  });
});

describe("GenerateStream", () => {
  it("opens with sector and adapter, goes on in pieces, and ends with the whole reply", async () => {
    const { client, rows } = await open();
    const { messages, failure } = await readAll(client.stream("GenerateStream", { message: "legal bir soru" }));
    expect(failure).toBeUndefined();
    const kinds = messages.map(({ event }) => event);
    expect(kinds[0]).toBe("opening");
    expect(kinds.at(-1)).toBe("end");
    expect(kinds.slice(1, -1).length).toBeGreaterThan(1);
    expect(new Set(kinds.slice(1, -1))).toEqual(new Set(["delta"]));
    expect(messages[0].opening).toMatchObject({ sector: "legal", adapter: { name: "legal", version: "1" } });
    const text = messages.slice(1, -1).map(({ delta }) => delta.text);
    expect(messages.at(-1).end.response).toBe(text.join(""));
    expect(messages.at(-1).end.usage.completion_tokens).toBeGreaterThan(0);
    expect(rows).toEqual([expect.objectContaining({ endpoint: "grpc/GenerateStream", outcome: "ok" })]);
  });

  it("sends a piece before the model has said the next", async () => {
    const { client, engine } = await open({ script: endless });
    const stream = client.stream("GenerateStream", { message: "legal", max_tokens: 100_000 });
    await new Promise<void>((resolve) => stream.on("data", ({ event }) => event === "delta" && resolve()));
    expect(engine.active).toBe(1);
    stream.on("error", () => {});
    stream.cancel();
  });

  it("ends with the error's code where the model breaks in the middle", async () => {
    const fault = { afterTokens: 2, error: () => new Error("ara") };
    const { client } = await open({ script: { adapters: ["legal@1"], fault } });
    const { messages, failure } = await readAll(client.stream("GenerateStream", { message: "legal bir soru" }));
    expect(messages.map(({ event }) => event)).toContain("delta");
    expect(failure?.code).toBe(status.INTERNAL);
    expect(failure?.metadata.get("sektor-code")).toEqual(["internal"]);
  });
});

describe("a caller who does not wait", () => {
  it("stops the model by leaving", async () => {
    const { client, engine, rows, metrics } = await open({ script: endless });
    const stream = client.stream("GenerateStream", { message: "legal", max_tokens: 100_000 });
    const left = readAll(stream);
    await new Promise<void>((resolve) => stream.once("data", () => resolve()));
    stream.cancel();
    expect((await left).failure?.code).toBe(status.CANCELLED);
    await vi.waitFor(() => expect(engine.calls.map(({ outcome }) => outcome)).toEqual(["aborted"]));
    await vi.waitFor(() => expect(rows).toEqual([expect.objectContaining({ outcome: "request_aborted" })]));
    await vi.waitFor(async () =>
      expect(await metrics.registry.metrics()).toContain("turkish_ai_requests_in_progress 0"),
    );
  });

  it("stops the model by its deadline", async () => {
    const { client, engine, rows } = await open({ script: endless });
    const refusal = await refusalOf(client.ask("Generate", { message: "legal", max_tokens: 100_000 }, {}, 200));
    expect(refusal.code).toBe(status.DEADLINE_EXCEEDED);
    await vi.waitFor(() => expect(engine.calls.map(({ outcome }) => outcome)).toEqual(["aborted"]));
    await vi.waitFor(() => expect(rows).toHaveLength(1));
  });

  it("is told when a reply takes longer than replies may, with the platform's own code", async () => {
    const { client, engine, rows } = await open({ script: endless, httpSettings: { replyTimeoutMs: 150 } });
    const refusal = await refusalOf(client.ask("Generate", { message: "legal", max_tokens: 100_000 }));
    expect(refusal.code).toBe(status.DEADLINE_EXCEEDED);
    expect(refusal.metadata.get("sektor-code")).toEqual(["reply_timeout"]);
    await vi.waitFor(() => expect(engine.calls.map(({ outcome }) => outcome)).toEqual(["aborted"]));
    expect(rows).toEqual([expect.objectContaining({ outcome: "reply_timeout" })]);
  });

  it("keeps a reply that it does not read no longer than replies may take", async () => {
    const script = { adapters: ["legal@1"], reply: () => Array.from({ length: 40 }, () => "söz ".repeat(2000)) };
    const { address, metrics } = await open({ script, httpSettings: { replyTimeoutMs: 1000 } });
    // Stock clients read ahead; this one takes nothing beyond the window that HTTP/2 begins with.
    const session = connect(`http://${address}`);
    closers.push(() => session.destroy());
    const path = "/sektor.v1.Inference/GenerateStream";
    const headers = { ":method": "POST", ":path": path, te: "trailers", "content-type": "application/grpc" };
    // `message: "legal"`, behind the five bytes that say how long it is.
    session.request(headers).end(Buffer.concat([Buffer.from([0, 0, 0, 0, 7, 0x0a, 5]), Buffer.from("legal")]));
    const refused =
      'turkish_ai_errors_total{sector="legal",endpoint="grpc/GenerateStream",error_type="reply_timeout"} 1';
    await vi.waitFor(async () => expect(await metrics.registry.metrics()).toContain(refused), { timeout: 10_000 });
    expect(await metrics.registry.metrics()).toContain("turkish_ai_requests_in_progress 0");
  });
});
