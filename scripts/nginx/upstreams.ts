import { join } from "node:path";
import { drainingFolder } from "./draining.ts";
import type { ProxySettings } from "./proxy-settings.ts";

type Gateways = Pick<ProxySettings, "gateways" | "resolver">;

/**
 * The group of all gateways, and for each gateway the group of all others.
 * @param how shares requests out
 * @param options of each server
 */
export function upstreamGroups(
  name: string,
  { gateways, resolver }: Gateways,
  how: readonly string[],
  options: string,
): readonly string[] {
  const resolve = resolver === "" ? "" : "resolve ";
  const group = (its: string, members: readonly string[]) => [
    `upstream ${its} {`,
    ...[`zone ${its} 128k;`, ...how, ...members.map((one) => `server ${one} ${resolve}${options};`)].map(
      (line) => `    ${line}`,
    ),
    "}",
  ];
  const without = drainable({ gateways, resolver }).flatMap((absent, n) =>
    group(
      `${name}_without_${n + 1}`,
      gateways.filter((one) => one !== absent),
    ),
  );
  return [...group(name, gateways), ...without];
}

/** Lines that set `$without` to what a group's name ends with while one of its gateways is marked. */
export function drainingMarks(proxy: Gateways & Pick<ProxySettings, "stateFolder">): readonly string[] {
  const folder = drainingFolder(proxy.stateFolder);
  return drainable(proxy).flatMap((gateway, n) => [
    `if (-f ${join(folder, gateway)}) {`,
    `    set $without _without_${n + 1};`,
    "}",
  ]);
}

/** Where names are asked for again and again, gateways come and go with them. The only one cannot be done without. */
function drainable({ gateways, resolver }: Gateways): readonly string[] {
  return resolver === "" && gateways.length > 1 ? gateways : [];
}
