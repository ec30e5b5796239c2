import { readFile } from "node:fs/promises";
import type { Disposal, Logger } from "../../foundation/index.ts";
import { openTracing, type Tracing } from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";

/** The traces of one of our processes, where the settings want them. @param service as its log lines name it */
export async function openProcessTracing(
  service: string,
  { tracing }: Pick<Settings, "tracing">,
  log: Logger,
  disposal: Disposal,
): Promise<Tracing | undefined> {
  if (tracing.endpoint === "") return undefined;
  // Owned before anything waits, so that it is closed after everything that is traced.
  let opened: Tracing | undefined;
  disposal.own(undefined, () => opened?.[Symbol.asyncDispose]());
  const { version = "0" } = JSON.parse(await readFile("package.json", "utf8")) as { version?: string };
  opened = await openTracing(tracing, { service, version, log, callersAreOurs: service === "sektor-infer" });
  return opened;
}
