import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { markDraining } from "../../scripts/nginx/draining.ts";
import { checkProxySettings, type ProxySettings } from "../../scripts/nginx/proxy-settings.ts";
import { renderNginx, writeNginx } from "../../scripts/nginx/render-nginx.ts";
import type { GatewaySettings } from "../../scripts/nginx/template-values.ts";
import { loadSettings } from "../../services/settings/index.ts";
import { freePorts } from "./free-ports.ts";
import { selfSigned } from "./tls.ts";

export interface NginxOptions extends Partial<ProxySettings> {
  /** `host:port` of each. */
  readonly gateways: string[];
  /** Default: the gateway's own defaults. */
  readonly gatewaySettings?: GatewaySettings;
  /** Changes a rendered file, as somebody might by hand. */
  readonly tamper?: (text: string, file: string) => string;
}

/** The gateway's settings where nobody has set anything. */
export const usualGatewaySettings = loadSettings("tests/support/no-such-folder", {});

/** The real nginx on free loopback ports, with the configuration we ship, in a folder of its own. */
export class TestNginx implements AsyncDisposable {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  readonly httpUrl: string;
  readonly voiceUrl: string;
  readonly statusUrl: string;
  readonly httpsPort: number;
  /** The certificate that clients must know. */
  readonly ca: string;
  readonly #proxy: ProxySettings;
  readonly #files: ReadonlyMap<string, string>;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(proxy: ProxySettings, files: ReadonlyMap<string, string>, ca: string, folder: string) {
    this.httpsPort = proxy.httpsPort;
    this.url = `https://127.0.0.1:${proxy.httpsPort}`;
    this.httpUrl = `http://127.0.0.1:${proxy.httpPort}`;
    this.voiceUrl = `wss://127.0.0.1:${proxy.voicePort}`;
    this.statusUrl = `http://127.0.0.1:${proxy.statusPort}`;
    this.ca = ca;
    this.#proxy = proxy;
    this.#files = files;
    this.#folder = folder;
    const places = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "start.log")];
    this.#process = spawn("nginx", [...places, "-g", "daemon off;"], { stdio: "ignore" });
  }

  /** @throws {Error} there is no nginx on this machine (`apt-get install nginx-light`), or it refuses the configuration */
  static async start({ gatewaySettings = usualGatewaySettings, tamper, ...options }: NginxOptions): Promise<TestNginx> {
    const folder = mkdtempSync(join(tmpdir(), "sektor-nginx-"));
    // Started as root, its workers are somebody else, who must get through.
    chmodSync(folder, 0o755);
    const { key, cert } = selfSigned();
    const [certificate, certificateKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    writeFileSync(certificate, cert);
    writeFileSync(certificateKey, key);
    const [httpsPort, httpPort, voicePort, statusPort] = await freePorts(4);
    const proxy = checkProxySettings({
      addresses: ["127.0.0.1"],
      httpsPort,
      httpPort,
      voicePort,
      statusPort,
      certificate,
      certificateKey,
      logFolder: folder,
      stateFolder: folder,
      pidFile: join(folder, "nginx.pid"),
      ...options,
    });
    const rendered = renderNginx(proxy, gatewaySettings);
    const files = new Map([...rendered].map(([file, text]) => [file, tamper?.(text, file) ?? text]));
    writeNginx(files, folder);
    const nginx = new TestNginx(proxy, files, cert, folder);
    try {
      await nginx.#untilItListens();
      return nginx;
    } catch (failure) {
      await nginx[Symbol.asyncDispose]();
      throw failure;
    }
  }

  /** It gives this gateway, `host:port`, nothing new; whoever was drained before gets requests again. */
  drain(gateway: string): void {
    markDraining(this.#proxy, gateway);
  }

  /** nginx.conf with its snippets in their places. */
  wholeConfiguration(file = "nginx.conf"): string {
    const text = this.#files.get(file);
    if (text === undefined) throw new Error(`There is no ${file}.`);
    return text.replaceAll(/^\s*include (\S+);$/gm, (_line, included: string) => this.wholeConfiguration(included));
  }

  /** The access log's lines so far, each read as JSON. */
  accessLog(): readonly Readonly<Record<string, unknown>>[] {
    const lines = this.#read("access.log").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  /** Waits for the line of a request; nginx writes it after the reply. */
  async logged(isWanted: (line: Readonly<Record<string, unknown>>) => boolean) {
    for (const began = Date.now(); Date.now() - began < 10_000; await delay(10)) {
      const found = this.accessLog().find(isWanted);
      if (found !== undefined) return found;
    }
    throw new Error("The access log has no such line.");
  }

  /** Everything nginx has written anywhere. */
  everythingLogged(): string {
    return ["access.log", "error.log", "start.log"].map((file) => this.#read(file)).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, "exit");
      this.#process.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(file: string): string {
    try {
      return readFileSync(join(this.#folder, file), "utf8");
    } catch {
      return "";
    }
  }

  async #untilItListens(): Promise<void> {
    let failure: unknown;
    this.#process.once("error", (thrown) => {
      failure = new Error("nginx cannot be started", { cause: thrown });
    });
    for (const began = Date.now(); Date.now() - began < 10_000; await delay(10)) {
      if (failure !== undefined) throw failure;
      if (this.#process.exitCode !== null) throw new Error(`nginx ended:\n${this.#read("start.log")}`);
      if (await accepts(this.httpsPort)) return;
    }
    throw new Error("nginx does not listen.");
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
