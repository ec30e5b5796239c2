import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
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

function writeConfiguration(folder: string, proxy: ProxySettings): void {
  writeNginx(renderNginx(proxy, loadSettings(join(projectFolder, "configs"), process.env)), folder);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  return await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  }).finally(() => socket.destroy());
}
