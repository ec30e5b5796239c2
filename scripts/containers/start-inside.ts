import { type ChildProcess, spawn } from "node:child_process";
import type { StageFolder } from "./run-stage.ts";

/** What a container is given from outside. Folders of this machine. */
export interface Surroundings {
  readonly data: string;
  readonly secrets: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts a program as a container would: the stage's files read-only, as its user, /data, /tmp and /run/secrets its own; on this machine's network. */
export function startInside(
  stage: StageFolder,
  command: readonly string[],
  { data, secrets, environment }: Surroundings,
): ChildProcess {
  // All mounts are this process's alone and end with it.
  const script = [
    "set -e",
    'root="$1"; data="$2"; secrets="$3"; user="$4"; workdir="$5"; shift 5',
    'mount --bind "$root" "$root"',
    'chown "$user" "$data" && chmod 0750 "$data"',
    'mount --bind "$data" "$root/data"',
    'mkdir -p "$root/run/secrets" && mount --bind -o ro "$secrets" "$root/run/secrets"',
    'mount -t proc proc "$root/proc"',
    'mount --bind /dev "$root/dev"',
    'mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"',
    'mount -o remount,bind,ro "$root"',
    'exec chroot --userspec="$user" "$root" /bin/sh -c \'cd "$0" && exec "$@"\' "$workdir" "$@"',
  ].join("\n");
  return spawn(
    "unshare",
    [
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      script,
      "sh",
      stage.path,
      data,
      secrets,
      stage.user,
      stage.workdir,
      ...command,
    ],
    { env: environment, stdio: ["ignore", "pipe", "pipe"] },
  );
}

/** Its status, null where a signal ended it. */
export function statusOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", resolve));
}
