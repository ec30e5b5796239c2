import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { pause } from "../../services/foundation/index.ts";

export interface RunningLlamaServer extends AsyncDisposable {
  readonly url: string;
  /** Ends the process as a crash would. */
  kill(): Promise<void>;
}

export interface LlamaServerOptions {
  readonly binary: string;
  readonly model: string;
  readonly adapters?: readonly string[];
  /** Requests at once. */
  readonly places?: number;
  /** Tokens of one conversation. */
  readonly contextSize?: number;
  readonly threads?: number;
  readonly arguments?: readonly string[];
}

const startMs = 60_000;
const outputKept = 4000;

/** A real llama-server on a free port of 127.0.0.1, ready. @throws Error with its last output when it does not come up */
export async function startLlamaServer(options: LlamaServerOptions): Promise<RunningLlamaServer> {
  const { places = 1, contextSize = 512, adapters = [], threads = 1 } = options;
  const port = await freePort();
  const child = spawn(
    options.binary,
    [
      ...["--model", options.model, "--host", "127.0.0.1", "--port", String(port), "--no-webui"],
      ...["--threads", String(threads), "--threads-batch", String(threads), "--threads-http", "4"],
      ...["--parallel", String(places), "--ctx-size", String(contextSize * places)],
      ...(adapters.length > 0 ? ["--lora", adapters.join(","), "--lora-init-without-apply"] : []),
      ...(options.arguments ?? []),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  const keep = (piece: Buffer): void => {
    output = (output + piece.toString("utf8")).slice(-outputKept);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const url = `http://127.0.0.1:${port}`;
  const end = (signal: NodeJS.Signals) => ended(child, signal);
  try {
    await ready(url, child);
  } catch (failure) {
    await end("SIGKILL");
    throw new Error(`llama-server did not start: ${String(failure)}\n${output}`);
  }
  return { url, kill: () => end("SIGKILL"), [Symbol.asyncDispose]: () => end("SIGTERM") };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = AbortSignal.timeout(startMs);
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    try {
      const response = await fetch(`${url}/health`, { signal: deadline });
      await response.arrayBuffer();
      if (response.ok) return;
    } catch (failure) {
      if (deadline.aborted) throw failure;
    }
    await pause(50, deadline);
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  const insist = setTimeout(() => child.kill("SIGKILL"), 5000);
  await exit;
  clearTimeout(insist);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
