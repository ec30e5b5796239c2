import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { postgresAnswers } from "../../scripts/lib/postgres-answers.ts";
import { postgresProgram, postgresUser } from "../../scripts/lib/postgres-programs.ts";
import { freePorts } from "./free-ports.ts";

/** A real Postgres on a free loopback port in a folder of its own, as crash-safe as it comes out of the package. */
export class TestPostgres implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "sektor-postgres-"));
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `postgres://sektor@127.0.0.1:${port}/postgres`;
  }

  /** @throws {Error} there is no Postgres on this machine (`apt-get install postgresql`), or it does not start */
  static async start(): Promise<TestPostgres> {
    const server = new TestPostgres((await freePorts(1))[0] ?? 0);
    // Postgres refuses to run as root; Debian's package brings a user for it.
    const { uid, gid } = postgresUser();
    if (uid !== undefined && gid !== undefined) chownSync(server.#folder, uid, gid);
    chmodSync(server.#folder, 0o700);
    const options = [
      "-D",
      join(server.#folder, "data"),
      "-U",
      "sektor",
      "-A",
      "trust",
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
    ];
    execFileSync(postgresProgram("initdb"), options, { stdio: "pipe", cwd: server.#folder, ...postgresUser() });
    await server.restart();
    return server;
  }

  /** Starts it again after `kill` or `stop`, and waits until it answers. */
  async restart(): Promise<void> {
    const options = ["-D", join(this.#folder, "data"), "-p", String(this.#port), "-c", "listen_addresses=127.0.0.1"];
    const server = spawn(postgresProgram("postgres"), [...options, "-k", this.#folder, "-c", "max_connections=60"], {
      stdio: ["ignore", "ignore", "pipe"],
      cwd: this.#folder,
      ...postgresUser(),
    });
    this.#process = server;
    let said = "";
    server.stderr.on("data", (text: Buffer) => {
      said = (said + text).slice(-4000);
    });
    for (let attempt = 0; attempt < 300; attempt++) {
      if (server.exitCode !== null) throw new Error(`Postgres ended:\n${said}`);
      if (await postgresAnswers(this.url)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`Postgres does not answer:\n${said}`);
  }

  /** Asks for a shutdown that breaks off every connection. */
  async stop(): Promise<void> {
    await this.#end("SIGINT");
  }

  /** SIGKILL to the whole server, connections' processes included. */
  async kill(): Promise<void> {
    const pid = this.#process?.pid;
    // Its children would live on for a moment and hold the shared memory.
    const children = pid === undefined ? [] : childrenOf(pid);
    await this.#end("SIGKILL", children);
  }

  /** SIGSTOP to the server and its connections: they stay open and nothing answers. */
  freeze(): void {
    this.#signalAll("SIGSTOP");
  }

  thaw(): void {
    this.#signalAll("SIGCONT");
  }

  /** A new, empty database. @returns its URL */
  async createDatabase(name: string): Promise<string> {
    const client = new pg.Client(this.url);
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return this.url.replace(/postgres$/, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #signalAll(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    for (const one of [pid, ...childrenOf(pid)]) signalTo(one, signal);
  }

  async #end(signal: NodeJS.Signals, alsoThese: readonly number[] = []): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    for (const pid of alsoThese) signalTo(pid, signal);
    await ended;
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function childrenOf(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, "utf8").split(" ").filter(Boolean).map(Number) : [];
}
