/**
 * Adds to package-lock.json the optional packages of other platforms that npm left out, because the registry it was written with does not carry
 * them. Without them `npm ci` refuses the lock everywhere. Versions are exact in their parents, so nothing is guessed but the
 * platform, which stands in the name. Run it after every `npm install`; a unit test tells when it is due.
 *
 *   node --import tsx scripts/complete-lock.ts
 */
import { readFileSync, writeFileSync } from "node:fs";

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const systems: Readonly<Record<string, string>> = { mac: "darwin", win: "win32", win32: "win32" };
const processors: Readonly<Record<string, string>> = { armv7l: "arm" };
const known = {
  os: [
    "darwin",
    "mac",
    "win",
    "win32",
    "linux",
    "android",
    "freebsd",
    "openbsd",
    "netbsd",
    "sunos",
    "aix",
    "openharmony",
  ],
  cpu: ["x64", "arm64", "arm", "armv7l", "ia32", "riscv64", "ppc64", "s390x", "loong64", "mips64el", "wasm32"],
};

const path = "package-lock.json";
const lock = JSON.parse(readFileSync(path, "utf8")) as { packages: Record<string, LockEntry> };
const added: string[] = [];
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (place in lock.packages || !/^\d/.test(version)) continue;
    lock.packages[place] = {
      version,
      ...platformOf(name),
      ...(parent.dev === true ? { dev: true } : {}),
      optional: true,
    };
    added.push(`${name}@${version}`);
  }
}
const entries = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(entries) }, null, 2)}\n`);
console.log(added.length === 0 ? "The lock is complete." : `Added:\n  ${added.join("\n  ")}`);

/** `@biomejs/cli-linux-x64-musl` → linux, x64, musl. */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const words = name.split(/[/-]/);
  const os = words.find((word) => known.os.includes(word));
  const cpu = words.find((word) => known.cpu.includes(word));
  return {
    ...(cpu === undefined ? {} : { cpu: [processors[cpu] ?? cpu] }),
    ...(words.includes("musl") ? { libc: ["musl"] } : {}),
    ...(os === undefined ? {} : { os: [systems[os] ?? os] }),
  };
}
