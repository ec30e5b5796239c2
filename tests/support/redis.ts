import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real redis-server on a free loopback port, writing every change to its log, so that what it acknowledged outlives `kill`. */
export class TestRedis implements AsyncDisposable {
  readonly url: string;
  readonly #port: number;
  readonly #log: Readonly<Record<string, string>>;
  readonly #folder = mkdtempSync(join(tmpdir(), "sektor-redis-"));
  #process: ChildProcess | undefined;

  private constructor(port: number, isDurable: boolean) {
    this.#port = port;
    this.#log = isDurable ? { appendonly: "yes", appendfsync: "always" } : { appendonly: "no" };
    this.url = `redis://127.0.0.1:${port}`;
  }

  /**
   * @param isDurable false: what it acknowledged is in memory alone, as it comes out of the package
   * @throws {Error} there is no redis-server on this machine (`apt-get install redis-server`), or it does not start
   */
  static async start({ isDurable = true } = {}): Promise<TestRedis> {
    const redis = new TestRedis(await freePort(), isDurable);
    await redis.restart();
    return redis;
  }

  /** Starts it again after `kill`. */
  async restart(): Promise<void> {
    const options = {
      port: this.#port,
      bind: "127.0.0.1",
      dir: this.#folder,
      save: "",
      ...this.#log,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = server;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      server.once("error", (failure) => reject(new Error("redis-server cannot be started", { cause: failure })));
      server.once("exit", () => reject(new Error(`redis-server ended:\n${said}`)));
      server.stdout.on("data", (text: Buffer) => {
        said += text;
        if (said.includes("Ready to accept connections")) resolve();
      });
    });
  }

  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
