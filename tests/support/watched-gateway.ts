import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Disposal } from "../../services/foundation/index.ts";
import { TestMonitoring } from "./prometheus.ts";
import { startScriptedEngine } from "./scripted-engine-server.ts";
import { type ServeProcess, startServe } from "./serve-process.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";

const key = "sk-sektor-of-this-test-alone";

export interface WatchedOptions {
  /** Every time of the rules, so many times as short. */
  readonly timesFaster: number;
  /** Of the gateway, besides what it needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What Alertmanager posts to a webhook. */
interface Told {
  readonly receiver: string;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  }[];
}

/** A real gateway with a key, over an engine that does what it is told, asked on and on, and watched by the real Prometheus and Alertmanager. */
export async function startWatchedGateway({ timesFaster, environment = {} }: WatchedOptions) {
  const open = new Disposal();
  const own = <T extends AsyncDisposable>(one: T): T => open.own(one, (opened) => opened[Symbol.asyncDispose]());
  try {
    const receiver = own(await WebhookReceiver.start());
    const engine = own(await startScriptedEngine({}));
    const started = await startServe({
      environment: {
        SEKTOR_ENGINE: "sektor",
        SEKTOR_ENGINE_URL: engine.url,
        SEKTOR_API_KEY_SHA256: createHash("sha256").update(key).digest("hex"),
        SEKTOR_REQUESTS_PER_MINUTE: "0",
        SEKTOR_KEY_PER_MINUTE: "0",
        ...environment,
      },
    });
    const gateway = open.own(started, (opened) => opened.kill("SIGKILL"));
    const monitoring = own(
      await TestMonitoring.start({
        gateways: [new URL(gateway.url).host],
        webhookUrl: receiver.url,
        key,
        runbookBase: "https://git.example/sektor/blob/main",
        timesFaster,
      }),
    );
    /** What of this alert has come to the webhook. */
    const told = (name: string, status: "firing" | "resolved") =>
      receiver.received
        .map(({ body }) => JSON.parse(body) as Told)
        .flatMap(({ receiver: to, alerts }) => alerts.map((alert) => ({ ...alert, to })))
        .filter(({ labels, status: is }) => labels["alertname"] === name && is === status);
    const asking = own(askOnAndOn(gateway));
    return {
      engine: engine.engine,
      gateway,
      monitoring,
      told,
      asking,
      [Symbol.asyncDispose]: () => open.close(),
    };
  } catch (failure) {
    await open.close();
    throw failure;
  }
}

/** Asks until it is disposed of; what comes back does not matter. */
function askOnAndOn(gateway: ServeProcess): AsyncDisposable {
  const over = new AbortController();
  const asking = (async () => {
    const request = {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({ message: "Kargom nerede?", sector: "ecommerce", max_tokens: 5 }),
    };
    while (!over.signal.aborted) {
      await fetch(`${gateway.url}/api/v1/chat`, request)
        .then((reply) => reply.text())
        .catch(() => undefined);
      await delay(50);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await asking;
    },
  };
}
