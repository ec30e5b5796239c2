import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A program of Postgres. Debian keeps each version's in a folder of its own; the newest serves. */
export function postgresProgram(name: string): string {
  const folder = "/usr/lib/postgresql";
  const versions = existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(folder, version, "bin", name)).find((path) => existsSync(path)) ?? name;
}

/**
 * Whom Postgres runs as: it refuses to be root; Debian's package brings a user for it. Empty: as we do.
 * @throws {Error} we are root, and there is no user `postgres`
 */
export function postgresUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option: string): number => Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}
