import { pause } from "../../../services/foundation/index.ts";
import { askHttps } from "../../lib/ask-https.ts";
import { apiKeyOf, type LocalGateway } from "./deployment.ts";
import { isRunning } from "./kept-process.ts";
import type { LocalStack } from "./local-stack.ts";
import { reloadPrometheus } from "./prometheus.ts";

/** For so long a gateway must have had nothing to do. A request that was on its way to it has arrived by then. */
const quietMs = 500;

export interface RollOptions {
  /** Longest wait for replies that are on their way, for each gateway, ms. */
  readonly drainMs: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (text: string) => void;
}

/**
 * Renews every gateway, one after the other, without a failed request: the new one must be able to answer before the old one gets nothing
 * more, and the old one has answered everything before it ends. nginx is not reloaded, so that nobody's connection is closed. A new one
 * that does not come up ends the roll; the old ones go on.
 * @throws {Error} one did not come up
 */
export async function rollGateways(stack: LocalStack, { drainMs, signal, onStep = () => undefined }: RollOptions) {
  const end = async (old: LocalGateway): Promise<void> => {
    await untilQuiet(stack, old, drainMs);
    onStep(`${old.process.name} bitiyor`);
    await stack.endGateway(old.process);
  };
  try {
    const leftOver = stack.drained();
    if (leftOver !== undefined) await end(leftOver);
    for (const old of [...stack.now.gateways]) {
      signal?.throwIfAborted();
      onStep(`${old.process.name}: yerine yenisi başlıyor`);
      const fresh = await stack.addGateway();
      onStep(`${fresh.process.name} hazır; ${old.process.name} boşaltılıyor`);
      stack.drain(old);
      await end(old);
    }
  } finally {
    // A roll that ends half-way has renewed some: Prometheus would ask those that are gone.
    reloadPrometheus(stack.now);
  }
}

async function untilQuiet(stack: LocalStack, gateway: LocalGateway, limitMs: number): Promise<void> {
  let quietSince: number | undefined;
  for (const from = performance.now(); performance.now() - from < limitMs; await pause(50)) {
    if (!isRunning(gateway.process)) return;
    if ((await busyWith(stack, gateway)) > 0) quietSince = undefined;
    else quietSince ??= performance.now();
    if (quietSince !== undefined && performance.now() - quietSince >= quietMs) return;
  }
}

/** Requests and spoken sessions that it has. One that does not answer may have any: it gets all the time there is. */
async function busyWith(stack: LocalStack, { port }: LocalGateway): Promise<number> {
  const headers = { authorization: `Bearer ${apiKeyOf(stack.now)}` };
  const url = `http://127.0.0.1:${port}`;
  const text = await askHttps(url, "/metrics", { headers, limitMs: 10_000 }).then(
    (reply) => reply.text,
    () => undefined,
  );
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const value = (name: string): number =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  // This request may be one of them.
  return Math.max(0, value("turkish_ai_requests_in_progress") - 1) + value("turkish_ai_websocket_connections");
}
