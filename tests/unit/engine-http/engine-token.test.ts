import { afterEach, describe, expect, it } from "vitest";
import { createHttpEngine } from "../../../services/engine-client/index.ts";
import { buildEngineApp } from "../../../services/engine-http/index.ts";
import { createLogger } from "../../../services/observability/index.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";

let app: Awaited<ReturnType<typeof buildEngineApp>> | undefined;
afterEach(() => app?.close());

async function inferWith(token: string) {
  app = await buildEngineApp({
    engine: new ScriptedEngine({}),
    logger: createLogger("test", "silent"),
    bodyLimitBytes: 65_536,
    replyTimeoutMs: 10_000,
    metrics: async () => "llm_active_contexts 1\n",
    token,
  });
  return app;
}

describe("infer with a token", () => {
  const doors = [
    ["POST", "/v1/chat/completions"],
    ["POST", "/v1/load_lora_adapter"],
    ["GET", "/internal/status"],
    ["GET", "/v1/models"],
    ["GET", "/nowhere"],
  ] as const;

  it.each(doors)("refuses %s %s to who has none, and to who has another", async (method, url) => {
    const infer = await inferWith("s3cret");
    for (const headers of [{}, { authorization: "Bearer s3cre" }, { authorization: "Bearer S3cret" }]) {
      const refused = await infer.inject({ method, url, headers });
      expect(refused.statusCode).toBe(401);
      expect(refused.json()).toMatchObject({ error: { code: "invalid_api_key" } });
    }
  });

  it("serves who has it, and lets probes and scrapes in without", async () => {
    const infer = await inferWith("s3cret");
    const authorization = "Bearer s3cret";
    expect((await infer.inject({ url: "/internal/status", headers: { authorization } })).statusCode).toBe(200);
    expect((await infer.inject("/health")).statusCode).toBe(200);
    expect((await infer.inject("/health/live")).statusCode).toBe(200);
    expect((await infer.inject("/metrics")).body).toContain("llm_active_contexts");
  });

  it("is reached by a gateway that has the same, and denies one that has another", async () => {
    const infer = await inferWith("s3cret");
    const url = await infer.listen({ host: "127.0.0.1", port: 0 });
    await using friend = createHttpEngine({ dialect: "sektor", url, token: "s3cret" });
    await using stranger = createHttpEngine({ dialect: "sektor", url, token: "guessed" });
    expect((await friend.status()).ready).toBe(true);
    await expect(stranger.status()).rejects.toMatchObject({ code: "engine_denied" });
  });
});

describe("infer without a token", () => {
  it("asks nobody: it stands on loopback, or on a socket of its gateway's own", async () => {
    const infer = await inferWith("");
    expect((await infer.inject("/internal/status")).statusCode).toBe(200);
  });
});
