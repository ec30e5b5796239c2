import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { askHttps } from "../../lib/ask-https.ts";
import { programCommand, projectFolder } from "../program-command.ts";
import { postgresUrl } from "./data-servers.ts";
import { apiKeyOf, type Deployment, type LocalGateway, places } from "./deployment.ts";
import { type KeptProcess, launch, untilReady } from "./kept-process.ts";

/** An engine may have to be read from disk first. */
const startLimitMs = 120_000;

const run = promisify(execFile);

type Variables = Readonly<Record<string, string>>;

/** What every program is told: where the shared parts are. `SEKTOR_…` of our own environment goes on to them, where it says nothing else. */
export function sharedVariables({ ports, engineUrl }: Pick<Deployment, "ports" | "engineUrl">): Variables {
  return {
    SEKTOR_ENGINE: "sektor",
    SEKTOR_ENGINE_URL: engineUrl,
    SEKTOR_REDIS_URL: `redis://127.0.0.1:${ports.redis}`,
    SEKTOR_SESSIONS: "redis",
    SEKTOR_LIMITS: "redis",
    SEKTOR_JOBS: "redis",
    SEKTOR_STORAGE: "postgres",
    SEKTOR_POSTGRES_URL: postgresUrl(ports.postgres),
  };
}

export async function startInfer(deployment: Pick<Deployment, "folder" | "ports">): Promise<KeptProcess> {
  const { infer: port } = deployment.ports;
  const variables = { SEKTOR_ENGINE: "embedded", SEKTOR_INFER_LISTEN: `127.0.0.1:${port}` };
  const infer = await startOurs("infer", "infer", deployment.folder, variables);
  await untilReady(infer, () => answersWell(`http://127.0.0.1:${port}`, "/health"), startLimitMs);
  return infer;
}

export async function startWork(deployment: Deployment): Promise<KeptProcess> {
  const { work: port } = deployment.ports;
  const variables = {
    ...sharedVariables(deployment),
    SEKTOR_WORK_LISTEN: `127.0.0.1:${port}`,
    SEKTOR_DATA: dataFolder(deployment.folder, "work"),
  };
  const work = await startOurs("work", "work", deployment.folder, variables);
  await untilReady(work, () => answersWell(`http://127.0.0.1:${port}`, "/health/live"), startLimitMs);
  return work;
}

/** Brings the database's tables up to date, once, before anybody uses them. @throws {Error} it could not */
export async function migrate(deployment: Pick<Deployment, "folder" | "ports" | "engineUrl">): Promise<void> {
  const [program, ...args] = programCommand("migrate");
  const variables = { ...sharedVariables(deployment), SEKTOR_DATA: dataFolder(deployment.folder, "migrate") };
  await run(program, args, { env: { ...process.env, ...variables }, cwd: projectFolder, timeout: startLimitMs });
}

/** One more gateway, on ports of its own; resolves when it can answer. @throws {Error} it cannot; it has been left as it is */
export async function startGateway(
  deployment: Deployment,
  name: string,
  [port, grpcPort]: readonly [number, number],
  onLaunched: (gateway: LocalGateway) => void,
): Promise<LocalGateway> {
  const { certificates } = places(deployment.folder);
  const gateway = {
    process: await startOurs("serve", name, deployment.folder, {
      ...sharedVariables(deployment),
      SEKTOR_HOST: "127.0.0.1",
      SEKTOR_PORT: String(port),
      SEKTOR_GRPC_HOST: "127.0.0.1",
      SEKTOR_GRPC_PORT: String(grpcPort),
      SEKTOR_GRPC_CERT: join(certificates, "server.pem"),
      SEKTOR_GRPC_KEY: join(certificates, "server.key"),
      // nginx has a port for voice alone; the gateways need none.
      SEKTOR_VOICE_PORT: "0",
      SEKTOR_TRUST_PROXY: "127.0.0.1",
      SEKTOR_API_KEY_SHA256: [process.env["SEKTOR_API_KEY_SHA256"] ?? "", sha256(apiKeyOf(deployment))]
        .filter((hash) => hash !== "")
        .join(","),
      SEKTOR_DATA: dataFolder(deployment.folder, name),
    }),
    port,
    grpcPort,
  };
  onLaunched(gateway);
  await untilReady(gateway.process, () => answersWell(`http://127.0.0.1:${port}`, "/health/ready"), startLimitMs);
  return gateway;
}

async function startOurs(
  program: Parameters<typeof programCommand>[0],
  name: string,
  folder: string,
  variables: Variables,
): Promise<KeptProcess> {
  const { logs } = places(folder);
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  return await launch({
    name,
    command: programCommand(program),
    environment: { ...process.env, ...variables },
    folder: projectFolder,
    log: join(logs, `${name}.log`),
  });
}

export async function answersWell(url: string, path: string): Promise<boolean> {
  try {
    return (await askHttps(url, path, { limitMs: 5000 })).status === 200;
  } catch {
    return false;
  }
}

function dataFolder(folder: string, name: string): string {
  return join(folder, "data", name);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
