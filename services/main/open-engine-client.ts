import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpEngine } from "../engine-client/index.ts";
import type { Disposal } from "../foundation/index.ts";
import type { Engine } from "../inference/index.ts";
import type { ProcessLogger } from "../observability/index.ts";
import type { Settings } from "../settings/index.ts";
import { engineMetricsText } from "./engine-metrics-text.ts";
import { superviseInfer } from "./supervise-infer.ts";

/** An engine over HTTP: our own child on a unix socket, or a server somewhere else. */
export async function openEngineClient(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  log: ProcessLogger,
  disposal: Disposal,
): Promise<{ engine: Engine; engineMetrics: () => Promise<string> }> {
  const { engine: kind, url, token, startTimeoutMs } = settings.inference;
  if (kind !== "embedded") {
    const engine = disposal.own(createHttpEngine({ dialect: kind, url, token }), (opened) =>
      opened[Symbol.asyncDispose](),
    );
    return { engine, engineMetrics: async () => "" };
  }
  // Socket paths have a length limit of about 100 bytes, so the folder is short and not under the data folder.
  const folder = disposal.own(await mkdtemp(join(tmpdir(), "sektor-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const socketPath = join(folder, "infer.sock");
  disposal.own(await superviseInfer({ socketPath, environment, startTimeoutMs, log }), (supervisor) =>
    supervisor.close(),
  );
  const engine = disposal.own(createHttpEngine({ dialect: "sektor", socketPath }), (opened) =>
    opened[Symbol.asyncDispose](),
  );
  return { engine, engineMetrics: () => engineMetricsText(socketPath) };
}
