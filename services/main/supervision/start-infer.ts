import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disposal } from "../../foundation/index.ts";
import type { ProcessLogger } from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";
import { inferAnswers, launchInfer } from "./launch-infer.ts";
import { superviseInfer } from "./supervise-infer.ts";

export interface StartedInfer {
  readonly socketPath: string;
  /** Fulfilled when it serves. @throws {PlatformError} `infer_start_failed` */
  readonly ready: Promise<void>;
  /** How often it was started again. */
  readonly restarts: () => number;
}

/**
 * The embedded engine's process. Nothing takes longer than its coming up, so it is started before anything else, and awaited last.
 * @returns undefined where the settings name an engine somewhere else
 */
export async function startInfer(
  { inference }: Pick<Settings, "inference">,
  environment: Readonly<Record<string, string | undefined>>,
  log: ProcessLogger,
  disposal: Disposal,
): Promise<StartedInfer | undefined> {
  if (inference.engine !== "embedded") return undefined;
  // Socket paths have a length limit of about 100 bytes, so the folder is short and not under the data folder.
  const folder = disposal.own(await mkdtemp(join(tmpdir(), "sektor-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  const socketPath = join(folder, "infer.sock");
  const supervisor = disposal.own(
    superviseInfer({
      launch: () => launchInfer({ socketPath, environment }),
      answers: (signal) => inferAnswers(socketPath, signal),
      startTimeoutMs: inference.startTimeoutMs,
      log,
    }),
    (opened) => opened.close(),
  );
  return { socketPath, ready: supervisor.ready, restarts: () => supervisor.restarts };
}
