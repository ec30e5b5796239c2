import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { basename, join } from "node:path";
import { loadManifest } from "../../services/inference/index.ts";

/** What a reader must know of the place a table was measured in. */
export function describeMachine(models: string): readonly string[] {
  const gib = Math.round(totalmem() / 1024 ** 3);
  return [
    `Machine: ${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores, ${gib} GiB, ${platform()} ${arch()}, Node ${process.version}`,
    `Commit: ${commit()}; node-llama-cpp ${version("node-llama-cpp")}`,
    `Embedded model: ${embeddedModel(models)}`,
  ];
}

function embeddedModel(models: string): string {
  const manifest = loadManifest(join(models, "manifest.json"));
  if (manifest === undefined) return "none";
  const versions = [...new Set(manifest.adapters.map((adapter) => adapter.version))].join(", ");
  return `${manifest.base.id} (${basename(manifest.base.file)}, sha256 ${manifest.base.sha256.slice(0, 12)}…), ${manifest.adapters.length} adapters, version ${versions}`;
}

/** Short hash; "+" when the tree has changes that are not in it. */
function commit(): string {
  try {
    const hash = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain", "--", ".", ":!docs/bench") === "" ? hash : `${hash}+`;
  } catch {
    return "not a git checkout";
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

function version(name: string): string {
  const path = join("node_modules", name, "package.json");
  return existsSync(path) ? String(JSON.parse(readFileSync(path, "utf8")).version) : "unknown";
}
