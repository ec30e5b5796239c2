import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { freePorts } from "../../tests/support/free-ports.ts";
import { TestPostgres } from "../../tests/support/postgres.ts";
import type { StageFolder } from "./run-stage.ts";
import { makeSecrets } from "./secret-files.ts";
import { startInside, statusOf } from "./start-inside.ts";

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

const startLimitMs = 180_000;
const paths = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The programs that docker-compose.yml starts from this image, with its commands, variables, secrets and health checks and in its order, two gateways of
 * them. Addresses are this machine's loopback instead of names in Docker's network; Redis and Postgres are this machine's packages.
 * @returns what was seen
 * @throws {Error} something was not as it should be
 */
export async function askStack(stage: StageFolder, folder: string): Promise<readonly string[]> {
  const seen: string[] = [];
  const { services } = parse(readFileSync("docker-compose.yml", "utf8"), { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
  };
  const [redisPort = 0, infer = 0, work = 0, ...gateways] = await freePorts(9);
  rmSync(folder, { recursive: true, force: true });
  const secrets = join(folder, "secrets");
  makeSecrets(secrets, { hosts: ["localhost"], alertWebhookUrl: "http://127.0.0.1:9/" });
  // Compose mounts single files, for which the folder's own rights do not count.
  chmodSync(secrets, 0o755);
  const secret = (name: string): string => readFileSync(join(secrets, name), "utf8");
  const running: ChildProcess[] = [];
  await using postgres = await TestPostgres.start();
  rewrite(join(secrets, "postgres_url"), postgres.url);
  rewrite(join(secrets, "redis_url"), secret("redis_url").replace("redis:6379", `127.0.0.1:${redisPort}`));
  const redis = (services["redis"]?.command ?? []).map((word) => word.replace("/run/secrets/", `${secrets}/`));
  const redisFolder = join(folder, "redis");
  mkdirSync(redisFolder);
  const [program = "redis-server", ...options] = redis;
  running.push(
    spawn(program, [...options, "--port", String(redisPort), "--bind", "127.0.0.1"], {
      cwd: redisFolder,
      stdio: "ignore",
    }),
  );

  const log: string[] = [];
  const start = (name: string, own: Readonly<Record<string, string>>, at: string): ChildProcess => {
    const { command, environment } = serviceOf(services, name);
    const data = join(folder, at);
    mkdirSync(data, { recursive: true });
    const told = Object.entries(environment).map(([key, value]) => [
      key,
      String(value).replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"),
    ]);
    const child = startInside(stage, [...(stage.entrypoint ?? []), ...command], {
      data,
      secrets,
      environment: {
        PATH: paths,
        HOME: "/data",
        ...stage.environment,
        ...Object.fromEntries(told),
        ...own,
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (piece: Buffer) => log.push(`${at}: ${piece}`));
    return child;
  };
  const wellness = async (name: string, port: number, child: ChildProcess, at: string): Promise<void> => {
    const [, ...test] = serviceOf(services, name).healthcheck?.test ?? [];
    const asked = test.map((word) => word.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
    const began = Date.now();
    const surroundings = { data: join(folder, at), secrets, environment: { PATH: paths } };
    while (Date.now() - began < startLimitMs) {
      if (child.exitCode !== null) throw new Error(`${name} ended with status ${child.exitCode}.`);
      if ((await statusOf(startInside(stage, asked, surroundings))) === 0) {
        seen.push(`${at}: well by Compose's own check after ${((Date.now() - began) / 1000).toFixed(1)} s`);
        return;
      }
    }
    throw new Error(`${name} is not well after ${startLimitMs / 1000} s.`);
  };

  try {
    const migrated = await statusOf(start("migrate", {}, "migrate"));
    expect(migrated === 0, `migrate ended with status ${migrated}`);
    seen.push("migrate: 0");
    const engine = start("infer", { SEKTOR_INFER_LISTEN: `127.0.0.1:${infer}` }, "infer");
    running.push(engine);
    await wellness("infer", infer, engine, "infer");
    const engineUrl = { SEKTOR_ENGINE_URL: `http://127.0.0.1:${infer}` };
    const places = [gateways.slice(0, 3), gateways.slice(3, 6)].map(([http = 0, voice = 0, grpc = 0]) => ({
      http,
      voice,
      grpc,
    }));
    for (const [at, { http, voice, grpc }] of places.entries()) {
      const ports = { SEKTOR_PORT: String(http), SEKTOR_VOICE_PORT: String(voice), SEKTOR_GRPC_PORT: String(grpc) };
      const gateway = start("turkish-ai-agent", { ...engineUrl, ...ports }, `gateway-${at + 1}`);
      running.push(gateway);
      await wellness("turkish-ai-agent", http, gateway, `gateway-${at + 1}`);
    }
    const worker = start("work", { ...engineUrl, SEKTOR_WORK_LISTEN: `127.0.0.1:${work}` }, "work");
    running.push(worker);
    await wellness("work", work, worker, "work");
    const [first, second] = places.map(({ http }) => `http://127.0.0.1:${http}`);
    seen.push(...(await talk(first ?? "", second ?? "", secret("api_key"))));
    const metrics = await fetch(`${first}/metrics`, { headers: { authorization: `Bearer ${secret("metrics_key")}` } });
    expect(metrics.status === 200, `/metrics: ${metrics.status}`);
    seen.push("GET /metrics with Prometheus' own key → 200");
  } catch (failure) {
    throw new Error(`${failure instanceof Error ? failure.message : failure}\n${log.slice(-12).join("")}`);
  } finally {
    for (const child of running.reverse()) {
      const ended = statusOf(child);
      if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    }
  }
  return seen;
}

/** One conversation over both gateways, and a job that only `work` can do. */
async function talk(first: string, second: string, key: string): Promise<readonly string[]> {
  const ask = async (url: string, body: object): Promise<Record<string, unknown>> => {
    const reply = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await reply.text();
    expect(reply.status === 200, `${url}: ${reply.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const message = "Kredi kartı borcumu yapılandırmak istiyorum.";
  const { data: opened } = (await ask(`${first}/api/v1/chat`, { message, temperature: 0 })) as {
    data: { session_id: string; sector: string };
  };
  const more = { message: "Peki ne yapmalıyım?", session_id: opened.session_id, temperature: 0 };
  const { data: continued } = (await ask(`${second}/api/v1/chat`, more)) as {
    data: { sector: string; routed_by: string };
  };
  expect(
    continued.sector === opened.sector,
    `the second gateway does not know the session: ${JSON.stringify(continued)}`,
  );
  const job = await ask(`${first}/v2/sektor/runsync`, { input: { prompt: message } });
  expect(job["status"] === "COMPLETED", `the job: ${JSON.stringify(job)}`);
  return [
    `a session opened at one gateway (${opened.sector}) goes on at the other (${continued.routed_by})`,
    "POST /v2/sektor/runsync → COMPLETED, by work: the gateways do no jobs themselves",
  ];
}

function serviceOf(services: Readonly<Record<string, Service>>, name: string): Service {
  const service = services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no ${name}.`);
  return service;
}

function rewrite(path: string, text: string): void {
  rmSync(path);
  writeFileSync(path, text, { mode: 0o444 });
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
