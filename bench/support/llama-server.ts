import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { pause } from "../../services/foundation/index.ts";
import { freePort, startProgram } from "./program.ts";

export interface Server extends AsyncDisposable {
  readonly url: string;
}

/** Path of the peer, built from the llama.cpp source that node-llama-cpp carries. Takes minutes the first time. */
export async function llamaServerBinary(): Promise<string> {
  const given = process.env["SEKTOR_LLAMA_SERVER"];
  if (given !== undefined && existsSync(given)) return given;
  const { stdout } = await promisify(execFile)("bash", ["scripts/build-llama-server.sh"], { maxBuffer: 64 << 20 });
  return stdout.trim().split("\n").at(-1) ?? "";
}

export interface LlamaServerOptions {
  readonly binary: string;
  readonly model: string;
  /** Loaded, not applied: each request names its own. */
  readonly adapters: readonly string[];
  readonly slots: number;
  readonly tokensPerSlot: number;
  readonly threads: number;
}

export async function startLlamaServer(options: LlamaServerOptions): Promise<Server> {
  const port = await freePort();
  const { binary, model, adapters, slots, tokensPerSlot, threads } = options;
  const program = startProgram(binary, [
    ...["--host", "127.0.0.1", "--port", String(port)],
    ...["-m", model, "-np", String(slots), "-c", String(slots * tokensPerSlot), "-t", String(threads)],
    // Nothing here is asked twice, so saving prompts to RAM could only cost it time.
    ...["--cache-ram", "0"],
    ...(adapters.length === 0 ? [] : ["--lora-init-without-apply", "--lora", adapters.join(",")]),
  ]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await program.line((text) => text.includes("listening on http"), 120_000);
    await untilHealthy(url, 60_000);
  } catch (failure) {
    await program[Symbol.asyncDispose]();
    throw failure;
  }
  return { url, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** @throws Error not 200 within the limit */
export async function untilHealthy(url: string, limitMs: number, path = "/health"): Promise<void> {
  const until = performance.now() + limitMs;
  for (;;) {
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    if (performance.now() > until) throw new Error(`${url}${path} did not answer 200 within ${limitMs} ms.`);
    await pause(10);
  }
}
