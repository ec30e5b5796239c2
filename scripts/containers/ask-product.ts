import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { StageFolder } from "./run-stage.ts";
import { type Surroundings, startInside, statusOf } from "./start-inside.ts";

const startLimitMs = 180_000;

/**
 * Starts what a stage would start: its entry point as its user, the root read-only, /data and /tmp its own; and asks it.
 * @param folder for what it writes
 * @returns what was seen
 * @throws {Error} something was not as it should be
 */
export async function askProduct(stage: StageFolder, folder: string): Promise<readonly string[]> {
  const seen: string[] = [];
  const [http = 0, voice = 0, grpc = 0] = await Promise.all([freePort(), freePort(), freePort()]);
  const key = randomBytes(24).toString("hex");
  const data = join(folder, "data");
  const secrets = join(folder, "secrets");
  for (const one of [data, secrets]) mkdirSync(one, { recursive: true });
  writeFileSync(join(secrets, "api_key_sha256"), createHash("sha256").update(key).digest("hex"), { mode: 0o444 });
  const environment = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/data",
    ...stage.environment,
    SEKTOR_PORT: String(http),
    SEKTOR_VOICE_PORT: String(voice),
    SEKTOR_GRPC_PORT: String(grpc),
    SEKTOR_API_KEY_SHA256_FILE: "/run/secrets/api_key_sha256",
  };
  const product = startInside(stage, [...(stage.entrypoint ?? []), ...(stage.command ?? [])], {
    data,
    secrets,
    environment,
  });
  let log = "";
  product.stdout?.on("data", (piece: Buffer) => {
    log += piece.toString();
  });
  product.stderr?.on("data", (piece: Buffer) => {
    log += piece.toString();
  });
  const ended = statusOf(product);
  const url = `http://127.0.0.1:${http}`;
  try {
    const began = Date.now();
    await readiness(url, product, () => log);
    seen.push(
      `started as ${stage.user} on a read-only root; /health/ready after ${((Date.now() - began) / 1000).toFixed(1)} s`,
    );
    seen.push(await health(stage, { data, secrets, environment }, url));
    const touched = await statusOf(startInside(stage, ["touch", "/app/touched"], { data, secrets, environment }));
    expect(touched !== 0, "its user can write to /app");
    seen.push("touch /app/touched → refused");
    const closed = await fetch(`${url}/api/v1/chat`, { method: "POST", body: "{}" });
    expect(closed.status === 401, `without a key: ${closed.status}, not 401`);
    seen.push("POST /api/v1/chat without a key → 401: the secret came out of its file");
    seen.push(await chat(url, key));
    expect(/"event":"serve-ready"/.test(log) || log.includes("serve-ready"), "the log does not say serve-ready");
  } catch (failure) {
    product.kill("SIGTERM");
    throw new Error(
      `${failure instanceof Error ? failure.message : failure}\n${log.split("\n").slice(-15).join("\n")}`,
    );
  }
  const stopping = Date.now();
  product.kill("SIGTERM");
  const status = await ended;
  seen.push(`SIGTERM → ended with status ${status} after ${((Date.now() - stopping) / 1000).toFixed(1)} s`);
  return seen;
}

async function readiness(url: string, product: ChildProcess, log: () => string): Promise<void> {
  const until = Date.now() + startLimitMs;
  while (Date.now() < until) {
    if (product.exitCode !== null) throw new Error(`It ended with status ${product.exitCode}.\n${log()}`);
    const reply = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (reply?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`Not ready after ${startLimitMs / 1000} s.`);
}

async function health(stage: StageFolder, surroundings: Surroundings, url: string): Promise<string> {
  if (stage.health === undefined) throw new Error("The stage has no HEALTHCHECK.");
  const command = stage.health.map((word) => word.replace("http://127.0.0.1:8000", url));
  const asked = startInside(stage, command, surroundings);
  const status = await statusOf(asked);
  expect(status === 0, `HEALTHCHECK ended with status ${status}`);
  return "HEALTHCHECK's command → 0";
}

async function chat(url: string, key: string): Promise<string> {
  const reply = await fetch(`${url}/api/v1/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ message: "Kredi kartı borcumu yapılandırmak istiyorum.", temperature: 0 }),
  });
  const body = (await reply.json()) as {
    readonly data?: {
      readonly response: string;
      readonly sector: string;
      readonly adapter: { readonly name: string } | null;
    };
  };
  const { data } = body;
  if (reply.status !== 200 || data === undefined || data.response === "")
    throw new Error(`chat: ${reply.status} ${JSON.stringify(body)}`);
  return `POST /api/v1/chat → 200, sector ${data.sector}, adapter ${data.adapter?.name}: ${data.response}`;
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
