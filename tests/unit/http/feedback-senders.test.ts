import { afterEach, describe, expect, it } from "vitest";
import type { Feedback, FeedbackStore, IdempotencyKey } from "../../../services/feedback/index.ts";
import { createMemoryKnowledge } from "../../../services/retrieval/memory-knowledge.ts";
import { buildTestGateway } from "../../support/gateway.ts";
import { sectorsWith, wordRouter } from "../conversation/parts.ts";

let app: Awaited<ReturnType<typeof buildTestGateway>>["app"] | undefined;
afterEach(() => app?.close());

async function open(environment: Record<string, string> = {}) {
  const given: { readonly feedback: Feedback; readonly key: IdempotencyKey | undefined }[] = [];
  const feedback = {
    add: async (one: Feedback, key?: IdempotencyKey) => {
      const id = `f${given.push({ feedback: one, key })}`;
      return { id, at: "2026-01-01T00:00:00.000Z", isNew: true };
    },
  } as Partial<FeedbackStore> as FeedbackStore;
  const built = await buildTestGateway({
    sectors: sectorsWith(),
    router: wordRouter(),
    knowledge: createMemoryKnowledge([]),
    feedback,
    environment,
  });
  app = built.app;
  const form = (fields: Record<string, string> = { rating: "5" }, remoteAddress = "192.0.2.1") =>
    built.app.inject({
      method: "POST",
      url: "/feedback",
      remoteAddress,
      payload: new URLSearchParams(fields).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  const statuses = async (count: number, address?: string) => {
    const all: number[] = [];
    for (let n = 0; n < count; n++) all.push((await form({ rating: "5" }, address)).statusCode);
    return all;
  };
  return { ...built, given, form, statuses };
}

describe("an idempotency key", () => {
  it("is the API key's that sent it, and a form's is nobody's", async () => {
    const { app: gateway, apiKeys, given, form } = await open();
    const keys = [];
    for (const name of ["A", "B"])
      keys.push(await apiKeys.create({ name, scopes: ["feedback"], sectors: null, userId: null, expiresAt: null }));
    for (const { text } of keys) {
      const headers = { authorization: `Bearer ${text}`, "idempotency-key": "same" };
      await gateway.inject({ method: "POST", url: "/v1/feedback", payload: { rating: 5 }, headers });
    }
    await form({ rating: "5", key: "same" });
    expect(given.map(({ key }) => key)).toEqual([
      { text: "same", owner: keys[0]?.key.id },
      { text: "same", owner: keys[1]?.key.id },
      { text: "same", owner: null },
    ]);
  });
});

describe("the form", () => {
  it("is taken from an address as often an hour as the settings say; then it says so and keeps what was written", async () => {
    const { form, statuses, given } = await open({ SEKTOR_FORMS_PER_HOUR: "2" });
    expect(await statuses(2)).toEqual([303, 303]);
    const refused = await form({ rating: "1", comment: "Uzun bir görüş" });
    expect(refused.statusCode).toBe(429);
    expect(refused.headers["retry-after"]).toMatch(/^\d+$/);
    expect(refused.payload).toMatch(/role="alert">Çok fazla istek gönderildi: bu adresten saatte .* en çok 2\./);
    expect(refused.payload).toContain("Uzun bir görüş</textarea>");
    expect(await statuses(1, "192.0.2.2")).toEqual([303]);
    expect(given).toHaveLength(3);
  });

  it("is taken from all addresses together as often a day as the settings say", async () => {
    const { statuses, given } = await open({ SEKTOR_FORMS_PER_DAY: "3" });
    const all = [];
    for (let host = 1; host <= 5; host++) all.push(...(await statuses(1, `192.0.2.${host}`)));
    expect(all).toEqual([303, 303, 303, 429, 429]);
    expect(given).toHaveLength(3);
  });

  it("that lacks something, or is only looked at, uses nothing up", async () => {
    const { app: gateway, form, statuses } = await open({ SEKTOR_FORMS_PER_HOUR: "1" });
    for (let n = 0; n < 3; n++) {
      expect((await form({ comment: "puan yok" })).statusCode).toBe(400);
      expect((await form({ rating: "5", sector: "yok" })).statusCode).toBe(400);
      expect((await gateway.inject({ url: "/feedback", remoteAddress: "192.0.2.1" })).statusCode).toBe(200);
    }
    expect(await statuses(2)).toEqual([303, 429]);
  });

  it("is not limited where the limits are 0", async () => {
    const { statuses } = await open({ SEKTOR_FORMS_PER_HOUR: "0", SEKTOR_FORMS_PER_DAY: "0" });
    expect(new Set(await statuses(100))).toEqual(new Set([303]));
  });
});
