import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Scope } from "../../../services/access/index.ts";
import { type GrpcGatewayOptions, openGrpcPair, readAll, refusalOf } from "../../support/grpc-gateway.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(options: GrpcGatewayOptions = {}) {
  const gateway = await openGrpcPair(options);
  closers.push(gateway.close);
  const keyOf = async (
    facts: { scopes?: readonly Scope[]; sectors?: readonly string[]; userId?: string } = {},
  ): Promise<{ readonly authorization: string }> => {
    const { scopes = ["chat"], sectors = null, userId = null } = facts;
    const { text } = await gateway.apiKeys.create({ name: "x", scopes, sectors, userId, expiresAt: null });
    return { authorization: `Bearer ${text}` };
  };
  const codeOf = async (call: Promise<unknown>) => {
    const { code, metadata } = await refusalOf(call);
    return { code, sektor: metadata.get("sektor-code")[0] };
  };
  return { ...gateway, keyOf, codeOf };
}

const question = { message: "legal bir soru" };

describe("keys over gRPC", () => {
  it("lets in who has a key for chat, and refuses no key and a wrong one", async () => {
    const { client, keyOf, codeOf, engine } = await open();
    const key = await keyOf();
    const refused = { code: status.UNAUTHENTICATED, sektor: "invalid_api_key" };
    expect(await codeOf(client.ask("Generate", question))).toEqual(refused);
    expect(await codeOf(client.ask("Generate", question, { authorization: "Bearer sk-sektor-yanlis" }))).toEqual(
      refused,
    );
    expect(await codeOf(client.ask("Generate", question, { authorization: key.authorization.slice(7) }))).toEqual(
      refused,
    );
    const stream = await readAll(client.stream("GenerateStream", question));
    expect(stream.failure?.code).toBe(status.UNAUTHENTICATED);
    expect(engine.calls).toHaveLength(0);
    expect((await client.ask("Generate", question, key)).response).not.toBe("");
  });

  it("refuses a key without the scope", async () => {
    const { client, keyOf, codeOf } = await open();
    const key = await keyOf({ scopes: ["voice", "admin"] });
    expect(await codeOf(client.ask("Generate", question, key))).toEqual({
      code: status.PERMISSION_DENIED,
      sektor: "scope_missing",
    });
  });

  it("keeps a key to its sectors, forced or routed", async () => {
    const { client, keyOf, codeOf, engine } = await open();
    const key = await keyOf({ sectors: ["energy"] });
    const refused = { code: status.PERMISSION_DENIED, sektor: "sector_not_allowed" };
    expect(await codeOf(client.ask("Generate", { message: "soru", sector: "legal" }, key))).toEqual(refused);
    expect(await codeOf(client.ask("Generate", question, key))).toEqual(refused);
    expect(engine.calls).toHaveLength(0);
    expect((await client.ask("Generate", { message: "energy" }, key)).opening.sector).toBe("energy");
  });

  it("shows a session to its own key alone", async () => {
    const { client, keyOf, codeOf } = await open();
    const [mine, theirs] = [await keyOf(), await keyOf()];
    const { session_id } = (await client.ask("Generate", question, mine)).opening;
    expect(await codeOf(client.ask("Generate", { ...question, session_id }, theirs))).toEqual({
      code: status.NOT_FOUND,
      sektor: "session_not_found",
    });
  });

  it("lets a key that belongs to a user speak for that user, whatever the request says", async () => {
    const { client, keyOf, rows } = await open();
    await client.ask("Generate", { ...question, user_id: "ali" }, await keyOf({ userId: "ayşe" }));
    expect(rows).toEqual([expect.objectContaining({ userId: "ayşe" })]);
  });
});

describe("limits over gRPC", () => {
  it("counts a user's calls together with those over HTTP, and says when to come back", async () => {
    const { client, app } = await open({ environment: { SEKTOR_USER_PER_HOUR: "2" } });
    const request = { ...question, user_id: "ayşe" };
    expect((await app.inject({ method: "POST", url: "/api/v1/chat", payload: request })).statusCode).toBe(200);
    await client.ask("Generate", request);
    const refusal = await refusalOf(client.ask("Generate", request));
    expect(refusal.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(refusal.metadata.get("sektor-code")).toEqual(["rate_limit_exceeded"]);
    const waitS = Number(refusal.metadata.get("retry-after")[0]);
    expect(waitS).toBeGreaterThan(0);
    await client.ask("Generate", { ...request, user_id: "ali" });
  });

  it("counts an address before it looks at the key, and a key after", async () => {
    const guessing = await open({ environment: { SEKTOR_REQUESTS_PER_MINUTE: "1" } });
    await guessing.keyOf();
    expect((await guessing.codeOf(guessing.client.ask("Generate", question))).sektor).toBe("invalid_api_key");
    expect((await guessing.codeOf(guessing.client.ask("Generate", question))).sektor).toBe("rate_limit_exceeded");

    const { client, keyOf, codeOf } = await open({ environment: { SEKTOR_KEY_PER_MINUTE: "1" } });
    const key = await keyOf();
    await client.ask("Generate", question, key);
    expect((await codeOf(client.ask("Generate", question, key))).sektor).toBe("rate_limit_exceeded");
    await client.ask("Generate", question, await keyOf());
  });

  it.each([
    ["user", { SEKTOR_STREAMS_PER_USER: "1" }],
    ["key", { SEKTOR_STREAMS_PER_KEY: "1" }],
  ])(
    "gives a %s as many replies at a time as the settings say, and the place back at the end",
    async (_whose, environment) => {
      const script = { adapters: ["legal@1"], reply: () => Array.from({ length: 100_000 }, () => "söz "), tokenMs: 5 };
      const { client, engine, keyOf, codeOf } = await open({ environment, script });
      const key = await keyOf();
      const request = { ...question, user_id: "ayşe", max_tokens: 100_000 };
      const stream = client.stream("GenerateStream", request, key);
      const read = readAll(stream);
      await vi.waitFor(() => expect(engine.active).toBe(1));
      expect((await codeOf(client.ask("Generate", request, key))).sektor).toBe("too_many_streams");
      stream.cancel();
      await read;
      engine.follow({});
      await vi.waitFor(async () => expect((await client.ask("Generate", request, key)).response).not.toBe(""));
    },
  );
});
