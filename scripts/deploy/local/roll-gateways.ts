import { pause } from "../../../services/foundation/index.ts";
import { askHttps } from "../../lib/ask-https.ts";
import { apiKeyOf, type LocalGateway } from "./deployment.ts";
import type { KeptProcess } from "./kept-process.ts";
import type { LocalStack } from "./local-stack.ts";
import { reloadPrometheus } from "./prometheus.ts";
import { reloadNginx, stillRunning } from "./proxy.ts";

/** For so long a gateway with nothing to do must have had nothing to do. */
const quietMs = 500;

export interface RollOptions {
  /** Longest wait for replies that are on their way, for each gateway, ms. */
  readonly drainMs: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (text: string) => void;
}

/**
 * Renews every gateway, one after the other, without a failed request: the new one must be able to answer before the old one gets nothing
 * more, and the old one has answered everything before it ends. A new one that does not come up ends the roll; the old ones go on.
 * @throws {Error} one did not come up, or nginx does not take its settings
 */
export async function rollGateways(stack: LocalStack, { drainMs, signal, onStep = () => undefined }: RollOptions) {
  try {
    for (const old of [...stack.now.gateways]) {
      signal?.throwIfAborted();
      onStep(`${old.process.name}: yerine yenisi başlıyor`);
      const fresh = await stack.addGateway();
      onStep(`${fresh.process.name} hazır; ${old.process.name} boşaltılıyor`);
      const former = await useGateways(stack, [old]);
      await untilQuiet(stack, old, former, drainMs);
      onStep(`${old.process.name} bitiyor`);
      await stack.endGateway(old.process);
      await useGateways(stack, []);
    }
  } finally {
    // A roll that ends half-way has renewed some: Prometheus would ask those that are gone.
    reloadPrometheus(stack.now);
  }
}

/** nginx asks all of them but for those that are draining. @returns its workers of before */
async function useGateways(stack: LocalStack, draining: readonly LocalGateway[]): Promise<readonly string[]> {
  const proxy = {
    ...stack.now.proxy,
    gateways: stack.now.gateways.map(addressOf),
    draining: draining.map(addressOf),
  };
  const { folder, services } = stack.keep({ proxy });
  const nginx = services.find(({ name }) => name === "nginx") as KeptProcess;
  return await reloadNginx(folder, nginx, proxy);
}

/**
 * Workers of before still know the gateway, and may have read half a request: it is quiet when they are gone. One of them may live on for a
 * spoken session with another gateway; then the gateway's own count decides.
 */
async function untilQuiet(stack: LocalStack, gateway: LocalGateway, former: readonly string[], limitMs: number) {
  let quietSince: number | undefined;
  for (const from = performance.now(); performance.now() - from < limitMs; await pause(50)) {
    if (stillRunning(former).length === 0) return;
    const now = performance.now();
    if ((await busyWith(stack, gateway)) > 0) quietSince = undefined;
    else quietSince ??= now;
    if (quietSince !== undefined && now - quietSince >= Math.max(quietMs, limitMs / 2)) return;
  }
}

/** Requests and spoken sessions that it has. */
async function busyWith(stack: LocalStack, { port }: LocalGateway): Promise<number> {
  const headers = { authorization: `Bearer ${apiKeyOf(stack.now)}` };
  const { text } = await askHttps(`http://127.0.0.1:${port}`, "/metrics", { headers, limitMs: 10_000 });
  const value = (name: string): number =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  // This request may be one of them.
  return Math.max(0, value("turkish_ai_requests_in_progress") - 1) + value("turkish_ai_websocket_connections");
}

function addressOf({ port }: LocalGateway): string {
  return `127.0.0.1:${port}`;
}
