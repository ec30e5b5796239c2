import type { Server } from "./llama-server.ts";
import { freePort, isEvent, startService } from "./program.ts";

export interface InferOptions {
  readonly model: string;
  readonly adapters: string;
  readonly manifest: string;
  /** For what the process writes. */
  readonly dataFolder: string;
  readonly threads: number;
  readonly sequencesPerAdapter: number;
  readonly contextSize: number;
  /** Adapter ids to load before it is ready. */
  readonly warm?: readonly string[];
}

/** The engine process as it runs in production, on a loopback port. */
export async function startInfer(options: InferOptions): Promise<Server> {
  const listen = `127.0.0.1:${await freePort()}`;
  const program = startService("infer", {
    SEKTOR_MODEL: options.model,
    SEKTOR_ADAPTERS: options.adapters,
    SEKTOR_MODEL_MANIFEST: options.manifest,
    SEKTOR_DATA: options.dataFolder,
    SEKTOR_INFER_LISTEN: listen,
    SEKTOR_GPU: "off",
    SEKTOR_THREADS: String(options.threads),
    SEKTOR_SEQUENCES_PER_ADAPTER: String(options.sequencesPerAdapter),
    SEKTOR_CONTEXT_SIZE: String(options.contextSize),
    SEKTOR_CONTEXT_MEMORY_MIB: "16384",
    SEKTOR_QUEUE_TIMEOUT_MS: "600000",
    SEKTOR_LOG_LEVEL: "info",
    ...(options.warm === undefined ? {} : { SEKTOR_WARM: options.warm.join(",") }),
  });
  try {
    await program.line(isEvent("infer-ready"), 180_000);
  } catch (failure) {
    await program[Symbol.asyncDispose]();
    throw failure;
  }
  return { url: `http://${listen}`, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}
