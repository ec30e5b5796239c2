import { execFile } from "node:child_process";
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { postgresAnswers } from "../../lib/postgres-answers.ts";
import { postgresProgram, postgresUser } from "../../lib/postgres-programs.ts";
import { type KeptProcess, launch, untilReady } from "./kept-process.ts";
import { requireWayIn } from "./way-in.ts";

const startLimitMs = 60_000;
const run = promisify(execFile);

/** Redis on loopback, keeping what it acknowledged. @param folder is made */
export async function startRedis(folder: string, port: number): Promise<KeptProcess> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const options = {
    port,
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "yes",
    "maxmemory-policy": "noeviction",
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const redis = await launch({
    name: "redis",
    command: ["redis-server", ...args],
    folder,
    log: join(folder, "redis.log"),
  });
  await untilReady(redis, () => says(port, "PING\r\n", "+PONG"), startLimitMs);
  return redis;
}

export function postgresUrl(port: number): string {
  return `postgres://sektor@127.0.0.1:${port}/postgres`;
}

/** Postgres on loopback; as another user where we are root. @param folder is made */
export async function startPostgres(folder: string, port: number): Promise<KeptProcess> {
  const user = postgresUser();
  if (user.uid !== undefined) requireWayIn(dirname(folder));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  // --no-sync: a cluster that is being made need not outlive a power cut; what is written into it later does.
  const how = ["-U", "sektor", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  await run(postgresProgram("initdb"), ["-D", data, ...how], { cwd: folder, ...user });
  const options = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"];
  const postgres = await launch({
    name: "postgres",
    command: [postgresProgram("postgres"), ...options],
    folder,
    log: join(folder, "postgres.log"),
    user,
    // Breaks off every connection instead of waiting for it.
    endsBy: "SIGINT",
  });
  await untilReady(postgres, () => postgresAnswers(postgresUrl(port)), startLimitMs);
  return postgres;
}

/** Whether a TCP port answers `word` with something that begins with `reply`. */
async function says(port: number, word: string, reply: string): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1", timeout: 1000 });
  return await new Promise<boolean>((resolve) => {
    socket.once("connect", () => socket.write(word));
    socket.once("data", (piece) => resolve(piece.toString().startsWith(reply)));
    for (const event of ["error", "timeout", "close"]) socket.once(event, () => resolve(false));
  }).finally(() => socket.destroy());
}
