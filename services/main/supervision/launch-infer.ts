import { type ChildProcess, fork } from "node:child_process";
import { request } from "node:http";
import { programFile } from "../../foundation/index.ts";

export interface InferPlace {
  /** Where the child listens. */
  readonly socketPath: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** infer as a child of this process. Where none can be made it throws, or the child says `error`: the cause decides which. */
export function launchInfer({ socketPath, environment }: InferPlace): ChildProcess {
  const { path, execArgv } = programFile(new URL("../infer.ts", import.meta.url));
  return fork(path, [], {
    execArgv: [...execArgv],
    env: { ...environment, SEKTOR_INFER_LISTEN: `unix:${socketPath}` },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

/** Whether infer answers at all, whatever it says; false once `signal` fires. Never rejects. */
export function inferAnswers(socketPath: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: "/health/live", agent: false, signal }, (response) => {
      response.on("error", () => undefined).resume();
      resolve(true);
    });
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
