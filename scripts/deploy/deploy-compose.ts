import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { parseEnv, promisify } from "node:util";
import { parse } from "yaml";
import type { DeployPlan, PlanSurroundings } from "./deploy-local.ts";
import { lookingSteps } from "./findings.ts";
import { pagesFiring } from "./monitoring-check.ts";
import type { DeployOptions } from "./options.ts";
import { projectFolder } from "./program-command.ts";
import type { SmokeTarget } from "./smoke/target.ts";

/** Runs `docker …`. @returns its standard output @throws {Error} with what it wrote, when it fails */
export type Docker = (args: readonly string[]) => Promise<string>;

const gatewayService = "turkish-ai-agent";
/** Those that run images which are built here. */
const ourServices = [gatewayService, "infer", "infer-gpu", "work", "migrate", "nginx-config"];
const jobs = ["sektor-gateway", "sektor-infer", "sektor-work", "nginx", "redis", "postgres", "prometheus"];
const run = promisify(execFile);
const hour = 3_600_000;
const prometheusUrl = "http://127.0.0.1:9090";
/** As in deploy/containers/nginx.yaml. */
const operatorsPort = 8444;

export const realDocker: Docker = async (args) => {
  try {
    return (await run("docker", args, { cwd: projectFolder, timeout: hour, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (failure) {
    const { stderr = "", message } = failure as Error & { readonly stderr?: string };
    throw new Error(`docker ${args.join(" ")}: ${stderr.trim().split("\n").slice(-5).join("\n") || message}`);
  }
};

interface ComposeFile {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image?: string;
        readonly build?: unknown;
        readonly profiles?: readonly string[];
        readonly ports?: readonly string[];
      }
    >
  >;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** What docker-compose.yml wants of the machine. @param secretsFolder undefined: SEKTOR_SECRETS names none */
export function composeWishes(profile: "cpu" | "gpu", secretsFolder: string | undefined) {
  const file = parse(readFileSync(join(projectFolder, "docker-compose.yml"), "utf8"), { merge: true }) as ComposeFile;
  const services = Object.values(file.services).filter(({ profiles }) => profiles?.includes(profile) ?? true);
  return {
    ports: services.flatMap(({ ports = [] }) => ports.map((port) => Number(port.split(":").at(-2)))),
    secrets:
      secretsFolder === undefined
        ? undefined
        : Object.values(file.secrets).map((secret) =>
            secret.file.replace(/^\$\{SEKTOR_SECRETS:\?[^}]*\}/, secretsFolder),
          ),
  };
}

/** Whether something of it runs already: then its ports are its own. */
export async function isComposeRunning(docker: Docker): Promise<boolean> {
  try {
    return (await docker(["compose", "ps", "--quiet"])).trim() !== "";
  } catch {
    return false;
  }
}

/** With Docker Compose; images of before are put back when the new ones do not do. */
export function planCompose(options: DeployOptions, around: PlanSurroundings, docker: Docker = realDocker): DeployPlan {
  const { profile, scale, skipBuild } = options;
  const compose = (...args: readonly string[]): Promise<string> => docker(["compose", "--profile", profile, ...args]);
  const up = ["up", "--detach", "--wait", "--wait-timeout", "900", "--scale", `${gatewayService}=${scale}`];
  /** Image name → id of what runs now. */
  let before: ReadonlyMap<string, string> | undefined;
  let scaleBefore = 0;
  let firedBefore: readonly string[] = [];
  let touched = false;
  return {
    target: `Docker Compose (${profile}), ${scale} ağ geçidi`,
    steps: [
      {
        title: "Çalışan imajları hatırla",
        how: ["docker compose ps, docker inspect: geri alma bunlara döner"],
        run: async () => {
          const running = await runningImages(docker);
          firedBefore = await pagesFiring(prometheusUrl);
          before = new Map(running.map(({ name, id }) => [name, id]));
          scaleBefore = running.filter(({ service }) => service === gatewayService).length;
          return before.size === 0 ? "çalışan yok" : `${before.size} imaj, ${scaleBefore} ağ geçidi`;
        },
      },
      ...(skipBuild
        ? []
        : [
            {
              title: "İmajları yap",
              how: [`docker compose --profile ${profile} build`],
              run: async () => {
                touched = true;
                await compose("build");
                return "yapıldı";
              },
            },
          ]),
      {
        title: "Başlat ve sağlıklı olmasını bekle",
        how: [`docker compose --profile ${profile} ${up.join(" ")}`],
        run: async () => {
          touched = true;
          await compose(...up);
          return "hepsi sağlıklı";
        },
      },
      ...lookingSteps(
        around.found,
        () => composeTarget(options),
        () => ({ url: prometheusUrl, jobs, firedBefore }),
        around.onSmoke,
      ),
    ],
    undo: "önceki imajlar eski adlarını geri alır ve yeniden başlatılır; önceki yoksa docker compose down (veriler kalır)",
    end: async (isGreen) => {
      if (isGreen || !touched || before === undefined) return undefined;
      if (before.size === 0) {
        await compose("down");
        return "önceki sürüm yoktu: docker compose down; veriler duruyor";
      }
      for (const [name, id] of before) await docker(["image", "tag", id, name]);
      const back = [...up.slice(0, -1), `${gatewayService}=${Math.max(1, scaleBefore)}`];
      await compose(...back, "--no-build", "--force-recreate");
      return `önceki ${before.size} imaja dönüldü`;
    },
    addresses: () => [
      ["Herkese açık", options.url],
      ["İşletmeciler", `https://127.0.0.1:${operatorsPort}`],
      ["Prometheus", prometheusUrl],
      ["Grafana", "http://127.0.0.1:3000"],
    ],
  };
}

/** What runs of ours, each container with the id of its image, which the image's name may no longer lead to. */
async function runningImages(docker: Docker) {
  const ids = (await docker(["compose", "ps", "--quiet"])).split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const format = '{{.Config.Image}} {{.Image}} {{index .Config.Labels "com.docker.compose.service"}}';
  const lines = (await docker(["inspect", "--format", format, ...ids])).trim().split("\n");
  return (
    lines
      .map((line) => {
        const [name = "", id = "", service = ""] = line.split(" ");
        return { name, id, service };
      })
      // The others are not built here and keep their tags; a digest needs no name.
      .filter(({ name, service }) => ourServices.includes(service) && !name.includes("@"))
  );
}

/** As Docker Compose finds it: the environment, or `.env` of the project. */
export function secretsFolder(): string | undefined {
  const file = join(projectFolder, ".env");
  const written = existsSync(file) ? parseEnv(readFileSync(file, "utf8"))["SEKTOR_SECRETS"] : undefined;
  const folder = process.env["SEKTOR_SECRETS"] ?? written;
  return folder === undefined || folder === "" ? undefined : resolve(projectFolder, folder);
}

/**
 * @param folder of make-secrets.ts
 * @throws {Error} there is no key, or the certificate cannot be read
 */
export function composeTarget({ url, ca, apiKeyFile }: DeployOptions, folder = secretsFolder() ?? ""): SmokeTarget {
  const keyFile = apiKeyFile ?? join(folder, "api_key");
  if (!existsSync(keyFile)) throw new Error(`Yönetici anahtarı yok: ${keyFile} (--api-key-file)`);
  const trusted = ca ?? join(folder, "tls_trial_ca");
  const host = new URL(url);
  return {
    url: host.origin,
    // The trial's authority stays in the folder when a bought certificate takes the place of the trial's.
    ca: existsSync(trusted) ? [readFileSync(trusted, "utf8"), ...rootCertificates].join("\n") : undefined,
    apiKey: readFileSync(keyFile, "utf8").trim(),
    gateways: [],
    grpc: [],
    httpUrl: `http://${host.hostname}`,
    voiceUrl: `https://${host.hostname}:8765`,
    operators: {
      url: `https://127.0.0.1:${operatorsPort}`,
      ...(isIP(host.hostname) === 0 ? { name: host.hostname } : {}),
    },
    isForTrial: false,
  };
}
