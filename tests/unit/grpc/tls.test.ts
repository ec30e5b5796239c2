import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, status } from "@grpc/grpc-js";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { makeDevCertificates, type Pair } from "../../../scripts/lib/dev-certificates.ts";
import { loadCredentials } from "../../../services/grpc/credentials.ts";
import { checkGrpc } from "../../../services/main/open/open-grpc.ts";
import { loadSettings } from "../../../services/settings/index.ts";
import { grpcClient, openGrpcGateway, refusalOf } from "../../support/grpc-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "sektor-grpc-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ours = makeDevCertificates(join(folder, "ours"), ["localhost", "127.0.0.1"], 1);
const theirs = makeDevCertificates(join(folder, "theirs"), ["localhost", "127.0.0.1"], 1);

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const none = { cert: "", key: "", clientCa: "" };
const tls = { ...none, ...ours.server };
const mutual = { ...tls, clientCa: ours.ca.cert };

async function open(settings: typeof none) {
  const gateway = await openGrpcGateway({ grpcSettings: { tls: settings } });
  closers.push(() => gateway.server.close());
  return gateway;
}

/** Asks one question of a server whose authority the client trusts, showing a certificate or none. */
async function ask(address: string, shown?: Pair) {
  const pair = shown === undefined ? [] : [readFileSync(shown.key), readFileSync(shown.cert)];
  const channel = credentials.createSsl(readFileSync(ours.ca.cert), ...pair);
  // By name: TLS knows no server names that are addresses.
  const client = grpcClient(address.replace("127.0.0.1", "localhost"), "sektor.v1.Inference", channel);
  try {
    return await client.ask("Generate", { message: "legal bir soru" }, {}, 5000);
  } finally {
    client.close();
  }
}

describe("mutual TLS", () => {
  it("serves who shows a certificate of the authority", async () => {
    const { address } = await open(mutual);
    expect((await ask(address, ours.client)).opening.sector).toBe("legal");
  });

  it("refuses who shows none, and who shows another authority's", async () => {
    const { address, engine, metrics } = await open(mutual);
    expect((await refusalOf(ask(address))).code).toBe(status.UNAVAILABLE);
    expect((await refusalOf(ask(address, theirs.client))).code).toBe(status.UNAVAILABLE);
    expect(engine.calls).toHaveLength(0);
    expect(await metrics.registry.metrics()).not.toContain("grpc/Generate");
  });

  it("refuses who shows a certificate that is for servers", async () => {
    const { address } = await open(mutual);
    expect((await refusalOf(ask(address, ours.server))).code).toBe(status.UNAVAILABLE);
  });

  it("still asks for a key where there are keys", async () => {
    const { address, apiKeys } = await open(mutual);
    await apiKeys.create({ name: "x", scopes: ["chat"], sectors: null, userId: null, expiresAt: null });
    expect((await refusalOf(ask(address, ours.client))).code).toBe(status.UNAUTHENTICATED);
  });

  it("refuses who does not speak TLS", async () => {
    const { address } = await open(mutual);
    const client = grpcClient(address);
    closers.push(() => client.close());
    expect((await refusalOf(client.ask("Generate", { message: "x" }, {}, 5000))).code).toBe(status.UNAVAILABLE);
  });
});

describe("TLS alone", () => {
  it("serves who trusts the authority, certificate or none", async () => {
    const { address } = await open(tls);
    expect((await ask(address)).response).not.toBe("");
  });
});

describe("certificates that cannot be used", () => {
  const nonsense = join(folder, "nonsense.pem");
  writeFileSync(nonsense, "bu bir sertifika değil");

  it.each([
    ["only half of the pair", { ...none, cert: tls.cert }],
    ["an authority for callers without a pair of its own", { ...none, clientCa: tls.cert }],
    ["a file that is not there", { ...tls, cert: join(folder, "yok.pem") }],
    ["a file that is no certificate", { ...tls, cert: nonsense }],
    ["an authority that is none", { ...tls, clientCa: nonsense }],
    ["another certificate's key", { ...tls, key: theirs.server.key }],
  ])("are found before anything listens: %s", (_what, settings) => {
    expect(() => loadCredentials(settings)).toThrow(expect.objectContaining({ code: "grpc_tls_invalid" }));
    expect(() => loadCredentials(settings)).not.toThrow(folder);
  });
});

describe("an address that is reachable from outside", () => {
  const settingsOf = (environment: Record<string, string>) =>
    loadSettings("tests/support/no-such-folder", { SEKTOR_GRPC_HOST: "0.0.0.0", ...environment });
  const shown = { SEKTOR_GRPC_CERT: tls.cert, SEKTOR_GRPC_KEY: tls.key };
  const refuse = (environment: Record<string, string>, keys: boolean) =>
    checkGrpc(settingsOf(environment), async () => keys);

  it("is refused without keys, TLS or none", async () => {
    await expect(refuse({}, false)).rejects.toMatchObject({ code: "open_bind_refused" });
    await expect(refuse(shown, false)).rejects.toMatchObject({ code: "open_bind_refused" });
  });

  it("is served with keys, to callers with certificates, or not at all", async () => {
    await refuse({}, true);
    await refuse({ ...shown, SEKTOR_GRPC_CLIENT_CA: mutual.clientCa }, false);
    await refuse({ SEKTOR_GRPC_PORT: "0" }, false);
    await refuse({ SEKTOR_GRPC_HOST: "127.0.0.1" }, false);
  });
});

describe("development certificates", () => {
  it("keep their keys to their owner", () => {
    for (const { key } of [ours.ca, ours.server, ours.client]) expect(statSync(key).mode & 0o077).toBe(0);
  });
});
