import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProxySettings } from "./proxy-settings.ts";

/** Marks lie here, one at a time: the gateway `host:port` whose name a file has gets nothing new, from the next request on and without a reload. */
export function drainingFolder(stateFolder: string): string {
  return join(stateFolder, "draining");
}

type State = Pick<ProxySettings, "stateFolder">;

/** nginx gives `gateway`, `host:port`, nothing new; whoever was marked before gets requests again. */
export function markDraining({ stateFolder }: State, gateway: string): void {
  const folder = drainingFolder(stateFolder);
  mkdirSync(folder, { recursive: true });
  // nginx' workers may be somebody else.
  chmodSync(folder, 0o755);
  const former = readdirSync(folder).filter((one) => one !== gateway);
  writeFileSync(join(folder, gateway), "");
  for (const one of former) rmSync(join(folder, one), { force: true });
}

/** Which are marked. */
export function markedDraining({ stateFolder }: State): readonly string[] {
  const folder = drainingFolder(stateFolder);
  return existsSync(folder) ? readdirSync(folder) : [];
}
