import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Starts one of our programs with an IPC channel. @param program without its ending, which is .ts in a source tree and .js in a built one */
export function launchProcess(program: URL, args: readonly string[]): ChildProcess {
  const source = fileURLToPath(new URL(`${program.href}.ts`));
  const fromSource = existsSync(source);
  return fork(fromSource ? source : fileURLToPath(new URL(`${program.href}.js`)), [...args], {
    // Without this, flags of ours such as --inspect would be the child's too.
    execArgv: fromSource ? ["--import", "tsx"] : [],
    // Keys and addresses are none of a synthesiser's business.
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}
