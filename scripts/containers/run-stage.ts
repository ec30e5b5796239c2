import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { readBuildContext } from "./docker-ignore.ts";
import type { Stage, Step } from "./dockerfile.ts";

/** What a stage has become: its files, and what its programs find around them. */
export interface StageFolder {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** The command that says whether it is well. */
  readonly health?: readonly string[];
}

export interface RunStageOptions {
  /** Stages lie side by side in it. */
  readonly folder: string;
  readonly made: ReadonlyMap<string, StageFolder>;
  readonly report: (line: string) => void;
}

/** @throws {Error} a command ended with another status than 0, or an instruction that nothing here knows */
export function runStage(stage: Stage, from: StageFolder, { folder, made, report }: RunStageOptions): StageFolder {
  const path = join(folder, `stage-${stage.name}`);
  rmSync(path, { recursive: true, force: true });
  execFileSync("cp", ["-a", from.path, path]);
  let now: StageFolder = { ...from, path };
  for (const step of stage.steps) {
    const began = Date.now();
    now = runStep(step, now, made);
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    report(`${stage.name} ${step.line}: ${step.keyword} ${step.text.slice(0, 100)} (${seconds} s)`);
  }
  return now;
}

function runStep(step: Step, now: StageFolder, made: ReadonlyMap<string, StageFolder>): StageFolder {
  switch (step.keyword) {
    case "RUN":
      runCommand(step, now);
      return now;
    case "COPY":
      copy(step, now, made);
      return now;
    case "ENV":
      return { ...now, environment: { ...now.environment, ...Object.fromEntries(step.words.map(pair)) } };
    case "WORKDIR":
      mkdirSync(join(now.path, step.text), { recursive: true });
      return { ...now, workdir: step.text };
    case "USER":
      return { ...now, user: step.text };
    case "ENTRYPOINT":
      return { ...now, entrypoint: step.words };
    case "CMD":
      return { ...now, command: step.words };
    case "HEALTHCHECK":
      return { ...now, health: JSON.parse(step.text.replace(/^CMD\s+/, "")) as string[] };
    case "VOLUME":
    case "EXPOSE":
    case "STOPSIGNAL":
    case "ARG":
      return now;
    default:
      throw new Error(`Line ${step.line}: ${step.keyword} is not known here.`);
  }
}

function runCommand(step: Step, { path, environment, workdir, user }: StageFolder): void {
  if (user !== "0:0") throw new Error(`Line ${step.line}: RUN after USER is not known here.`);
  // What this machine needs to reach its package sources; a machine with an open line needs none of it.
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  const brought = "/tmp/machine-certificates.crt";
  if (existsSync(certificates)) copyFileSync(certificates, join(path, brought));
  const registry = execFileSync("npm", ["config", "get", "registry"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  const machine = {
    npm_config_registry: registry,
    npm_config_cafile: brought,
    npm_config_update_notifier: "false",
    NODE_EXTRA_CA_CERTS: brought,
    DEBIAN_FRONTEND: "noninteractive",
  };
  const paths = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    LC_ALL: "C.UTF-8",
  };
  // A process namespace and mounts of its own: what a step leaves running ends with it.
  const script = `mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && exec chroot "$1" /bin/sh -c 'cd "$0" && eval "$1"' "$2" "$3"`;
  try {
    execFileSync(
      "unshare",
      ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", path, workdir, step.text],
      {
        env: { ...machine, ...paths, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 64 * 1024 * 1024,
      },
    );
  } catch (failure) {
    const { stdout, stderr } = failure as { stdout?: Buffer; stderr?: Buffer };
    const tail = `${stdout ?? ""}\n${stderr ?? ""}`.split("\n").slice(-30).join("\n");
    throw new Error(`Line ${step.line}: RUN ${step.text.slice(0, 200)}\n${tail}`, { cause: failure });
  } finally {
    rmSync(join(path, brought), { force: true });
  }
}

function copy(step: Step, { path, workdir }: StageFolder, made: ReadonlyMap<string, StageFolder>): void {
  const target = step.words.at(-1) ?? "";
  const sources = step.words.slice(0, -1);
  const stage = step.flags.find(([name]) => name === "from")?.[1];
  const from = stage === undefined ? undefined : made.get(stage);
  if (stage !== undefined && from === undefined) throw new Error(`Line ${step.line}: no stage ${stage} was made.`);
  const context = readBuildContext(".dockerignore", process.cwd());
  const place = target.startsWith("/") ? join(path, target) : join(path, workdir, target);
  for (const source of sources) {
    const origin = from === undefined ? resolve(source) : join(from.path, source);
    if (from === undefined && !context.has(source)) throw new Error(`Line ${step.line}: ${source} is kept out.`);
    const isIntoFolder = target.endsWith("/") || sources.length > 1;
    const destination = isIntoFolder ? join(place, basename(source)) : place;
    if (from === undefined)
      cpSync(origin, destination, { recursive: true, filter: (one) => one === origin || context.has(one) });
    else {
      mkdirSync(resolve(destination, ".."), { recursive: true });
      // As Docker: into a folder that is there already, and owned by root.
      execFileSync("cp", existsSync(destination) ? ["-aT", origin, destination] : ["-a", origin, destination]);
    }
  }
}

function pair(word: string): readonly [string, string] {
  const at = word.indexOf("=");
  return [word.slice(0, at), word.slice(at + 1)];
}
