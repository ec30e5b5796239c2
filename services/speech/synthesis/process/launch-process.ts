import { type ChildProcess, fork } from "node:child_process";
import { programFile } from "../../../foundation/index.ts";

/** Starts one of our programs with an IPC channel. @param source its TypeScript file */
export function launchProcess(source: URL, args: readonly string[]): ChildProcess {
  const { path, execArgv } = programFile(source);
  return fork(path, [...args], {
    // Without this, flags of ours such as --inspect would be the child's too.
    execArgv: [...execArgv],
    // Keys and addresses are none of a synthesiser's business.
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}
