import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkMonitoringSettings, type MonitoringSettings } from "../../scripts/monitoring/monitoring-settings.ts";
import { renderMonitoring, writeMonitoring } from "../../scripts/monitoring/render-monitoring.ts";
import { freePorts } from "./free-ports.ts";

export interface MonitoringOptions extends Partial<MonitoringSettings> {
  /** Where pages and tickets are posted. */
  readonly webhookUrl: string;
  /** An administrator's key at the gateways; none: none is sent. */
  readonly key?: string;
}

/** The real Prometheus and Alertmanager with the rules we ship, on free loopback ports. */
export class TestMonitoring implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #processes: readonly ChildProcess[];
  #said = "";

  private constructor(url: string, alertmanagerUrl: string, folder: string) {
    this.url = url;
    this.#folder = folder;
    const port = (address: string): string => `--web.listen-address=${new URL(address).host}`;
    this.#processes = [
      spawn("prometheus", [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "series")}`,
        "--enable-feature=exemplar-storage",
        port(url),
      ]),
      spawn("prometheus-alertmanager", [
        `--config.file=${join(folder, "alertmanager.yml")}`,
        `--storage.path=${join(folder, "alerts")}`,
        "--cluster.listen-address=",
        port(alertmanagerUrl),
      ]),
    ];
    for (const one of this.#processes) {
      one.once("error", (failure) => {
        this.#said += String(failure);
      });
      one.stderr?.on("data", (text: Buffer) => {
        this.#said += text.toString();
      });
    }
  }

  /** @throws {Error} there is no Prometheus on this machine (`apt-get install prometheus prometheus-alertmanager`), or it does not start */
  static async start({ webhookUrl, key, ...settings }: MonitoringOptions): Promise<TestMonitoring> {
    const folder = mkdtempSync(join(tmpdir(), "sektor-prometheus-"));
    const [own, alertmanager] = await freePorts(2);
    const webhookUrlFile = join(folder, "webhook");
    writeFileSync(webhookUrlFile, `${webhookUrl}\n`);
    const credentialsFile = key === undefined ? "" : join(folder, "key");
    if (key !== undefined) writeFileSync(credentialsFile, key);
    const rendered = renderMonitoring(
      checkMonitoringSettings({
        infer: [],
        work: [],
        nginx: [],
        redis: [],
        postgres: [],
        prometheus: [`127.0.0.1:${own}`],
        alertmanagers: [`127.0.0.1:${alertmanager}`],
        credentialsFile,
        webhookUrlFile,
        inlineUrls: true,
        ...settings,
      }),
    );
    writeMonitoring(rendered, folder);
    const monitoring = new TestMonitoring(`http://127.0.0.1:${own}`, `http://127.0.0.1:${alertmanager}`, folder);
    try {
      for (const url of [monitoring.url, `http://127.0.0.1:${alertmanager}`]) await monitoring.#untilReady(url);
      return monitoring;
    } catch (failure) {
      await monitoring[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** The values of an expression now, by its labels as JSON. */
  async query(
    expression: string,
  ): Promise<readonly { readonly metric: Record<string, string>; readonly value: number }[]> {
    const reply = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = (await reply.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Trace ids that were kept with the values of a series in the last hour. */
  async exemplars(series: string): Promise<readonly string[]> {
    const now = Date.now() / 1000;
    const reply = await fetch(
      `${this.url}/api/v1/query_exemplars?query=${encodeURIComponent(series)}&start=${now - 3600}&end=${now + 60}`,
    );
    interface Kept {
      readonly data: readonly { readonly exemplars: readonly { readonly labels: { readonly trace_id?: string } }[] }[];
    }
    const { data } = (await reply.json()) as Kept;
    return data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id ?? ""));
  }

  /** What is wrong with the rules, if anything. */
  async brokenRules(): Promise<readonly string[]> {
    const reply = await fetch(`${this.url}/api/v1/rules`);
    interface Groups {
      readonly data: {
        readonly groups: readonly { readonly rules: readonly { name: string; health: string; lastError?: string }[] }[];
      };
    }
    const { data } = (await reply.json()) as Groups;
    return data.groups
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health === "err")
      .map(({ name, lastError }) => `${name}: ${lastError}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#processes.map(async (one) => {
        if (one.pid === undefined || one.exitCode !== null || one.signalCode !== null) return;
        const ended = once(one, "exit");
        one.kill("SIGTERM");
        await ended;
      }),
    );
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #untilReady(url: string): Promise<void> {
    for (const began = Date.now(); Date.now() - began < 60_000; await delay(50)) {
      const ended = this.#processes.some(({ exitCode, pid }) => exitCode !== null || pid === undefined);
      if (ended) throw new Error(`It ended:\n${this.#said}`);
      if (
        await fetch(`${url}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return;
    }
    throw new Error(`It does not become ready:\n${this.#said}`);
  }
}
