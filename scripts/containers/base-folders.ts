import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** A bare Debian 12; made once and then taken as it is. */
export function debianBase(folder: string): string {
  if (!existsSync(join(folder, "etc/debian_version"))) {
    execFileSync("debootstrap", ["--variant=minbase", "bookworm", folder], { stdio: ["ignore", "ignore", "inherit"] });
  }
  return folder;
}

/**
 * That Debian with Node and npm under /usr/local, as the official image has them.
 * @param version of the npm package that carries Node, or `machine`: this machine's own
 * @returns the version it has in the end
 */
export function nodeImage(
  debian: string,
  { folder, version }: { readonly folder: string; readonly version: string },
): { readonly path: string; readonly version: string } {
  rmSync(folder, { recursive: true, force: true });
  execFileSync("cp", ["-a", debian, folder]);
  const local = join(folder, "usr/local");
  if (version === "machine") copyFileSync(process.execPath, join(local, "bin/node"));
  else fromPackage(`node-linux-${process.arch}@${version}`, local);
  const npm = join(
    dirname(
      execFileSync("npm", ["root", "--global"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim(),
    ),
    "node_modules/npm",
  );
  cpSync(npm, join(local, "lib/node_modules/npm"), { recursive: true });
  execFileSync("ln", ["-s", "../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm")]);
  copyFileSync("/etc/resolv.conf", join(folder, "etc/resolv.conf"));
  const found = execFileSync("chroot", [folder, "/usr/local/bin/node", "-p", "process.versions.node"]);
  return { path: folder, version: found.toString().trim() };
}

function fromPackage(name: string, local: string): void {
  const folder = mkdtempSync(`${local}-`);
  try {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, name], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    execFileSync("sh", ["-c", "tar xzf *.tgz"], { cwd: folder });
    for (const part of ["bin", "include"]) {
      mkdirSync(join(local, part), { recursive: true });
      cpSync(join(folder, "package", part), join(local, part), { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
