import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { pause } from "../../../services/foundation/index.ts";
import { loadSettings } from "../../../services/settings/index.ts";
import { checkProxySettings, type ProxySettings } from "../../nginx/proxy-settings.ts";
import { renderNginx, writeNginx } from "../../nginx/render-nginx.ts";
import { projectFolder } from "../program-command.ts";
import { type LocalPorts, places } from "./deployment.ts";
import { type KeptProcess, launch, untilReady } from "./kept-process.ts";

const limitMs = 15_000;

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** nginx' settings in a folder of its own. @param changes what is different, gateways above all */
export function localProxy(
  folder: string,
  ports: LocalPorts,
  { cert, key }: Certificate,
  changes: Partial<ProxySettings>,
): ProxySettings {
  const { nginx } = places(folder);
  return checkProxySettings({
    addresses: ["127.0.0.1"],
    httpsPort: ports.https,
    httpPort: ports.http,
    voicePort: ports.voice,
    statusPort: ports.nginxStatus,
    // As with Compose: whoever comes to the public port is nobody's operator.
    operatorsPort: ports.operators,
    operators: [],
    certificate: cert,
    certificateKey: key,
    logFolder: nginx,
    stateFolder: nginx,
    pidFile: join(nginx, "nginx.pid"),
    ...changes,
  });
}

export async function startNginx(folder: string, proxy: ProxySettings): Promise<KeptProcess> {
  const { nginx } = places(folder);
  // Started as root, its workers are somebody else, who must get through.
  mkdirSync(nginx, { recursive: true, mode: 0o755 });
  writeConfiguration(nginx, proxy);
  const where = ["-p", nginx, "-c", join(nginx, "nginx.conf"), "-e", join(nginx, "start.log")];
  const log = join(nginx, "start.log");
  const started = await launch({
    name: "nginx",
    command: ["nginx", ...where, "-g", "daemon off;"],
    folder: nginx,
    log,
  });
  await untilReady(started, () => accepts(proxy.httpsPort), limitMs);
  return started;
}

/**
 * Gives nginx other settings; it takes them over without letting go of a connection.
 * Resolves when new workers serve; those of before may still be ending what they have.
 * @returns workers of before
 */
export async function reloadNginx(
  folder: string,
  { pid }: Pick<KeptProcess, "pid">,
  proxy: ProxySettings,
): Promise<readonly string[]> {
  const former = workersOf(pid);
  writeConfiguration(places(folder).nginx, proxy);
  process.kill(pid, "SIGHUP");
  for (const from = performance.now(); performance.now() - from < limitMs; await pause(10)) {
    if (workersOf(pid).some((worker) => !former.includes(worker))) return former;
  }
  throw new Error(`nginx yeni ayarlarını almadı:\n${readLog(join(places(folder).nginx, "error.log"))}`);
}

/** Which of these still run. */
export function stillRunning(workers: readonly string[]): readonly string[] {
  return workers.filter((worker) => existsSync(`/proc/${worker}`));
}

function writeConfiguration(folder: string, proxy: ProxySettings): void {
  writeNginx(renderNginx(proxy, loadSettings(join(projectFolder, "configs"), process.env)), folder);
}

function workersOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .split(" ")
    .filter((worker) => worker !== "");
}

function readLog(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8").slice(-1000) : "";
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  return await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  }).finally(() => socket.destroy());
}
