import { execFile } from "node:child_process";
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { postgresProgram } from "../lib/postgres-programs.ts";

/** Something that is missing, and what to do about it. */
export interface Lack {
  readonly what: string;
  readonly cure: string;
}

/** How the machine is looked at; a test answers instead of it. */
export interface Machine {
  /** What a command writes to standard output; undefined: there is no such command, or it fails. */
  output(command: string, ...args: readonly string[]): Promise<string | undefined>;
  /** Bytes a process without privileges may still write where this path is or would be. */
  freeBytes(path: string): number;
  /** Whether nothing listens there. */
  isFree(port: number): Promise<boolean>;
  readonly nodeVersion: string;
}

const run = promisify(execFile);

export const thisMachine: Machine = {
  output: async (command, ...args) => {
    try {
      return (await run(command, args, { timeout: 20_000 })).stdout;
    } catch {
      return undefined;
    }
  },
  freeBytes: (path) => {
    let place = resolve(path);
    while (!existsSync(place)) place = dirname(place);
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  },
  isFree: async (port) =>
    await new Promise((done) => {
      const probe = createServer();
      // What we may not open (ports below 1024) is Docker's to open.
      probe.once("error", (fault: NodeJS.ErrnoException) => done(fault.code === "EACCES"));
      probe.listen(port, () => probe.close(() => done(true)));
    }),
  nodeVersion: process.versions.node,
};

const gib = 1024 ** 3;

const localPrograms = [
  ["redis-server", "--version", "redis-server"],
  ["nginx", "-v", "nginx-light"],
  ["prometheus", "--version", "prometheus"],
  ["openssl", "version", "openssl"],
] as const;

/** What `--local` lacks, all at once. @param httpsPort 0: any */
export async function localLacks(
  machine: Machine,
  {
    folder,
    httpsPort,
    model,
  }: { readonly folder: string; readonly httpsPort: number; readonly model: string | undefined },
): Promise<readonly Lack[]> {
  const missing = await Promise.all(
    [...localPrograms, [postgresProgram("initdb"), "--version", "postgresql"] as const].map(
      async ([program, option, name]) => ((await machine.output(program, option)) === undefined ? name : undefined),
    ),
  );
  const packages = missing.filter((name) => name !== undefined);
  return [
    ...nodeLack(machine),
    ...(packages.length === 0
      ? []
      : [
          {
            what: `Kurulu değil: ${packages.join(", ")}`,
            cure: `apt-get install --no-install-recommends ${packages.join(" ")}`,
          },
        ]),
    ...diskLack(machine, folder, 1),
    ...(model === undefined || existsSync(model)
      ? []
      : [{ what: `Model dosyası yok: ${model}`, cure: "SEKTOR_MODEL ile var olan bir GGUF gösterin." }]),
    ...(httpsPort === 0 || (await machine.isFree(httpsPort)) ? [] : [portLack(httpsPort, "--https-port")]),
  ];
}

export interface ComposeNeeds {
  readonly profile: "cpu" | "gpu";
  /** Of the machine, that docker-compose.yml publishes. */
  readonly ports: readonly number[];
  /** Files that it mounts as secrets; undefined: the folder is not named. */
  readonly secrets: readonly string[] | undefined;
  /** What runs already holds its ports itself. */
  readonly isRunning: boolean;
}

/** What a deployment with Docker lacks, all at once. */
export async function composeLacks(machine: Machine, needs: ComposeNeeds): Promise<readonly Lack[]> {
  const [docker, server, compose] = await Promise.all([
    machine.output("docker", "--version"),
    machine.output("docker", "version", "--format", "{{.Server.Version}}"),
    machine.output("docker", "compose", "version", "--short"),
  ]);
  return [
    ...nodeLack(machine),
    ...(docker === undefined
      ? [{ what: "Docker kurulu değil", cure: "https://docs.docker.com/engine/install/ ya da Docker'sız: --local" }]
      : server === undefined
        ? [
            {
              what: "Docker sunucusu yanıt vermiyor",
              cure: "systemctl start docker; kullanıcınız docker grubunda olmalı",
            },
          ]
        : []),
    ...(docker !== undefined && !isAtLeast(compose, [2, 24])
      ? [
          {
            what:
              compose === undefined
                ? "Docker Compose kurulu değil"
                : `Docker Compose ${compose.trim()} eski; 2.24 gerekir`,
            cure: "apt-get install docker-compose-plugin",
          },
        ]
      : []),
    ...(needs.profile === "gpu" ? await gpuLacks(machine) : []),
    ...diskLack(machine, ".", 20),
    ...secretLacks(needs.secrets),
    ...(needs.isRunning ? [] : await portLacks(machine, needs.ports)),
  ];
}

async function gpuLacks(machine: Machine): Promise<readonly Lack[]> {
  const [cards, runtimes] = await Promise.all([
    machine.output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader"),
    machine.output("docker", "info", "--format", "{{json .Runtimes}}"),
  ]);
  return [
    ...(cards === undefined || cards.trim() === ""
      ? [{ what: "NVIDIA ekran kartı bulunamadı (nvidia-smi)", cure: "Sürücüyü kurun ya da --profile cpu kullanın." }]
      : []),
    ...(runtimes?.includes("nvidia") === true
      ? []
      : [
          {
            what: "Docker ekran kartını kaplara veremiyor",
            cure: "NVIDIA Container Toolkit kurun; sonra: nvidia-ctk runtime configure --runtime=docker",
          },
        ]),
  ];
}

function secretLacks(files: readonly string[] | undefined): readonly Lack[] {
  const cure = "node --import tsx scripts/containers/make-secrets.ts secrets && export SEKTOR_SECRETS=./secrets";
  if (files === undefined) return [{ what: "SEKTOR_SECRETS bir klasör göstermiyor", cure }];
  const lacking = files.filter((file) => !existsSync(file) || readFileSync(file, "utf8").trim() === "");
  return lacking.length === 0 ? [] : [{ what: `Gizli dosyalar yok ya da boş: ${lacking.join(", ")}`, cure }];
}

async function portLacks(machine: Machine, ports: readonly number[]): Promise<readonly Lack[]> {
  const free = await Promise.all(ports.map((port) => machine.isFree(port)));
  return ports.filter((_port, at) => free[at] === false).map((port) => portLack(port, "docker-compose.override.yml"));
}

function portLack(port: number, where: string): Lack {
  return {
    what: `${port} numaralı kapı dolu`,
    cure: `Dinleyeni durdurun (ss -ltnp 'sport = :${port}') ya da ${where} ile başka kapı verin.`,
  };
}

function diskLack(machine: Machine, path: string, needed: number): readonly Lack[] {
  const free = machine.freeBytes(path) / gib;
  if (free >= needed) return [];
  return [
    {
      what: `Diskte ${free.toFixed(1)} GiB boş; ${needed} GiB gerekir (${path})`,
      cure: "Yer açın ya da başka bir klasör seçin.",
    },
  ];
}

function nodeLack({ nodeVersion }: Machine): readonly Lack[] {
  if (isAtLeast(nodeVersion, [20, 19])) return [];
  return [{ what: `Node.js ${nodeVersion} eski; 20.19 gerekir`, cure: "https://nodejs.org" }];
}

function isAtLeast(version: string | undefined, [major, minor]: readonly [number, number]): boolean {
  const [, a, b] = /(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  return Number(a) > major || (Number(a) === major && Number(b) >= minor);
}
