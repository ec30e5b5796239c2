import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "../../lib/free-ports.ts";

const startLimitMs = 30_000;

export interface LocalPrometheusOptions {
  /** Job → `host:port` of what it scrapes; `/metrics` of each. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  readonly scrapeS: number;
  /** Files of rules, relative to the repository. */
  readonly rules?: readonly string[];
}

export interface LocalPrometheus extends AsyncDisposable {
  readonly url: string;
}

/**
 * The real Prometheus on a free loopback port, with a store of its own that goes with it.
 * @throws {Error} there is none on this machine (`apt-get install prometheus`), or it refuses its configuration
 */
export async function startPrometheus(options: LocalPrometheusOptions): Promise<LocalPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), "sektor-prometheus-"));
  const config = join(folder, "prometheus.yml");
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configuration(options)));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${folder}`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn("prometheus", [...flags, "--log.level=warn"], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  let isOver = false;
  child.once("error", (failure) => {
    isOver = true;
    said += String(failure);
  });
  child.once("exit", () => {
    isOver = true;
  });
  const killOnExit = () => child.kill("SIGKILL");
  process.once("exit", killOnExit);
  const stop = async (): Promise<void> => {
    if (!isOver) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    process.off("exit", killOnExit);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const began = Date.now(); !(await isReady(url)); await delay(50)) {
    if (!isOver && Date.now() - began < startLimitMs) continue;
    await stop();
    throw new Error(`Prometheus does not start:\n${said}`);
  }
  return { url, [Symbol.asyncDispose]: stop };
}

function configuration({ targets, scrapeS, rules = [] }: LocalPrometheusOptions): object {
  return {
    global: { scrape_interval: `${scrapeS}s`, scrape_timeout: `${scrapeS}s`, evaluation_interval: `${scrapeS}s` },
    rule_files: rules.map((file) => resolve(file)),
    scrape_configs: Object.entries(targets).map(([job, hosts]) => ({
      job_name: job,
      static_configs: [{ targets: hosts }],
    })),
  };
}

async function isReady(url: string): Promise<boolean> {
  return await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2_000) })
    .then((response) => response.ok)
    .catch(() => false);
}
