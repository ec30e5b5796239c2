import type { AddressInfo } from "node:net";
import { createServer, type Server as NetServer } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { listenOn } from "../../../services/main/listen.ts";
import { deferred } from "../../support/deferred.ts";
import { type GrpcGatewayOptions, grpcClient, openGrpcPair, readAll, refusalOf } from "../../support/grpc-gateway.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(options: GrpcGatewayOptions = {}) {
  const gateway = await openGrpcPair(options);
  closers.push(gateway.close);
  return gateway;
}

const slow = { adapters: ["legal@1"], reply: () => Array.from({ length: 40 }, () => "söz "), tokenMs: 10 };
const endless = { adapters: ["legal@1"], reply: () => Array.from({ length: 100_000 }, () => "söz "), tokenMs: 5 };
const question = { message: "legal bir soru", max_tokens: 100_000 };

describe("a gRPC server that closes", () => {
  it("lets replies that are on their way come to their end", async () => {
    const { client, server, engine, rows } = await open({ script: slow, grpcSettings: { drainMs: 10_000 } });
    const stream = readAll(client.stream("GenerateStream", question));
    const whole = client.ask("Generate", question);
    await vi.waitFor(() => expect(engine.active).toBe(2));
    const closed = server.close();
    const { messages, failure } = await stream;
    expect(failure).toBeUndefined();
    expect(messages.at(-1).event).toBe("end");
    expect((await whole).response).toContain("söz");
    await closed;
    expect(rows.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
  });

  it("ends what takes longer than it may, and says why", async () => {
    const { client, server, engine, rows } = await open({ script: endless, grpcSettings: { drainMs: 50 } });
    const stream = readAll(client.stream("GenerateStream", question));
    await vi.waitFor(() => expect(engine.active).toBe(1));
    await server.close();
    const { failure } = await stream;
    expect(failure?.code).toBe(status.UNAVAILABLE);
    expect(failure?.metadata.get("sektor-code")).toEqual(["shutting_down"]);
    expect(engine.calls.map(({ outcome }) => outcome)).toEqual(["aborted"]);
    expect(rows).toEqual([expect.objectContaining({ outcome: "shutting_down" })]);
  });

  it("takes no new calls", async () => {
    const { client, server } = await open();
    await client.ask("Generate", question);
    await server.close();
    expect((await refusalOf(client.ask("Generate", question, {}, 2000))).code).toBe(status.UNAVAILABLE);
  });

  it("does not wait for those who watch its health, and tells them that it is over", async () => {
    const { server, address } = await open({ grpcSettings: { drainMs: 600_000 } });
    const health = grpcClient(address, "grpc.health.v1.Health");
    closers.push(() => health.close());
    const stream = health.stream("Watch", {});
    const [first, rest] = [deferred<void>(), readAll(stream)];
    stream.once("data", () => first.resolve());
    await first.promise;
    await server.close();
    const { messages, failure } = await rest;
    expect(messages.map(({ status: one }) => one)).toEqual(["SERVING", "NOT_SERVING"]);
    expect(failure?.metadata.get("sektor-code")).toEqual(["shutting_down"]);
  });
});

describe("a gRPC server's port", () => {
  it("names the variable when another process listens there", async () => {
    const other: NetServer = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    closers.push(() => new Promise<void>((resolve) => other.close(() => resolve())));
    const { port } = other.address() as AddressInfo;
    const { server } = await open();
    await expect(listenOn(server, { host: "127.0.0.1", port }, "SEKTOR_GRPC_PORT")).rejects.toMatchObject({
      code: "port_taken",
      message: expect.stringContaining("SEKTOR_GRPC_PORT"),
    });
  });
});
