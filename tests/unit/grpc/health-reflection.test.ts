import { createRequire } from "node:module";
import { credentials, loadPackageDefinition, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type GrpcGatewayOptions,
  type grpcClient,
  openGrpcPair,
  readAll,
  refusalOf,
} from "../../support/grpc-gateway.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(options: GrpcGatewayOptions = {}) {
  const { client: health, close, ...gateway } = await openGrpcPair(options, "grpc.health.v1.Health");
  closers.push(close);
  return { ...gateway, health };
}

/** The first message that satisfies, of a stream that goes on. */
function statusesOf(stream: ReturnType<ReturnType<typeof grpcClient>["stream"]>): string[] {
  const told: string[] = [];
  stream.on("data", ({ status: one }) => told.push(one));
  stream.on("error", () => {});
  return told;
}

describe("the health service", () => {
  it("serves whoever asks, key or none, for the server and for the service", async () => {
    const { health, apiKeys } = await open();
    await apiKeys.create({ name: "x", scopes: ["chat"], sectors: null, userId: null, expiresAt: null });
    expect(await health.ask("Check", {})).toEqual({ status: "SERVING" });
    expect(await health.ask("Check", { service: "sektor.v1.Inference" })).toEqual({ status: "SERVING" });
  });

  it("knows no other service", async () => {
    const { health } = await open();
    const refusal = await refusalOf(health.ask("Check", { service: "yok" }));
    expect(refusal.code).toBe(status.NOT_FOUND);
    expect(refusal.metadata.get("sektor-code")).toEqual(["service_not_found"]);
  });

  it("does not serve while the parts are not ready, or cannot say so", async () => {
    let isReady = async () => false;
    const { health } = await open({ isReady: () => isReady() });
    expect(await health.ask("Check", {})).toEqual({ status: "NOT_SERVING" });
    isReady = () => Promise.reject(new Error("motor yok"));
    expect(await health.ask("Check", {})).toEqual({ status: "NOT_SERVING" });
  });

  it("tells who watches each change once, and an unknown service that it is unknown", async () => {
    let ready = true;
    const asked = vi.fn(async () => ready);
    const { health } = await open({ isReady: asked });
    const watched = health.stream("Watch", {});
    const told = statusesOf(watched);
    const unknown = health.stream("Watch", { service: "yok" });
    const toldUnknown = statusesOf(unknown);
    await vi.waitFor(() => expect(told).toEqual(["SERVING"]));
    const before = asked.mock.calls.length;
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(before + 2));
    expect(told).toEqual(["SERVING"]);
    ready = false;
    await vi.waitFor(() => expect(told).toEqual(["SERVING", "NOT_SERVING"]));
    expect(toldUnknown).toEqual(["SERVICE_UNKNOWN"]);
    watched.cancel();
    unknown.cancel();
  });

  it("bounds who watches, and takes others when one has left", async () => {
    const { health } = await open({ maxWatchers: 1 });
    const first = health.stream("Watch", {});
    const told = statusesOf(first);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    const refused = await readAll(health.stream("Watch", {}));
    expect(refused.failure?.metadata.get("sektor-code")).toEqual(["too_many_watchers"]);
    first.cancel();
    await vi.waitFor(async () => {
      const next = health.stream("Watch", {});
      const toldNext = statusesOf(next);
      await vi.waitFor(() => expect(toldNext).toEqual(["SERVING"]), { timeout: 200 });
      next.cancel();
    });
  });
});

describe("reflection", () => {
  const folder = createRequire(import.meta.url)
    .resolve("@grpc/reflection/package.json")
    .replace(/package\.json$/, "");
  // biome-ignore lint/suspicious/noExplicitAny: what a proto says at run time has no types.
  const root = loadPackageDefinition(loadSync(`${folder}build/proto/grpc/reflection/v1/reflection.proto`)) as any;

  async function servicesAt(address: string, metadata = new Metadata()): Promise<readonly string[]> {
    const client = new root.grpc.reflection.v1.ServerReflection(address, credentials.createInsecure());
    try {
      const call = client.serverReflectionInfo(metadata);
      return await new Promise((resolve, reject) => {
        call.once("data", (reply: { listServicesResponse: { service: readonly { name: string }[] } }) =>
          resolve(reply.listServicesResponse.service.map(({ name }) => name)),
        );
        call.once("error", (failure: ServiceError) => reject(failure));
        call.write({ listServices: "" });
        call.end();
      });
    } finally {
      client.close();
    }
  }

  it("lists the services", async () => {
    const { address } = await open();
    expect(await servicesAt(address)).toEqual(expect.arrayContaining(["sektor.v1.Inference", "grpc.health.v1.Health"]));
  });

  it("is for who has a key, where there are keys; any will do", async () => {
    const { address, apiKeys } = await open();
    const facts = { name: "x", sectors: null, userId: null, expiresAt: null };
    const { text } = await apiKeys.create({ ...facts, scopes: ["feedback"] });
    const refusal = await refusalOf(servicesAt(address));
    expect(refusal.code).toBe(status.UNAUTHENTICATED);
    expect(refusal.metadata.get("sektor-code")).toEqual(["invalid_api_key"]);
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${text}`);
    expect(await servicesAt(address, metadata)).toContain("sektor.v1.Inference");
  });
});
