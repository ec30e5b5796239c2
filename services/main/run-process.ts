import { type Disposal, PlatformError } from "../foundation/index.ts";

/** Longest time a process may take to close what it opened, unless it says otherwise. */
const usualCloseLimitMs = 15_000;

export interface ProcessLife {
  /** As SIGTERM does. */
  end(): void;
  /** Gives closing another limit, ms. */
  allowClosing(ms: number): void;
}

/**
 * A process's life: starts, stays until SIGTERM or SIGINT, closes what it opened in reverse order.
 * A start that fails says why in one line and ends with status 1.
 * @param start gets a signal that fires when the process is asked to end while still starting, and how to end it from inside
 */
export async function runProcess(
  name: string,
  start: (shutdown: AbortSignal, life: ProcessLife) => Promise<Disposal>,
): Promise<void> {
  let closeLimitMs = usualCloseLimitMs;
  const shutdown = new AbortController();
  let opened: Disposal | undefined;
  const end = async (): Promise<void> => {
    if (shutdown.signal.aborted) return;
    shutdown.abort();
    setTimeout(() => process.exit(1), closeLimitMs).unref();
    try {
      await opened?.close();
      process.exit(0);
    } catch (failure) {
      process.stderr.write(`${name}: ${String(failure)}\n`);
      process.exit(1);
    }
  };
  process.on("SIGTERM", () => void end());
  process.on("SIGINT", () => void end());
  // A supervised child whose supervisor is gone has nobody left to serve.
  process.on("disconnect", () => void end());
  try {
    opened = await start(shutdown.signal, {
      end: () => void end(),
      allowClosing: (ms) => {
        closeLimitMs = ms;
      },
    });
  } catch (failure) {
    const text =
      failure instanceof PlatformError
        ? `${failure.code}: ${failure.message}`
        : String((failure as Error).stack ?? failure);
    process.stderr.write(`${name} could not start.\n${text}\n`);
    process.exit(1);
  }
}
