/** `sektor …` from a terminal: wires the command line to this process and to the programs it can start. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { runCli } from "../cli/index.ts";
import { programFile } from "../foundation/index.ts";
import { createProgressBar } from "../models/index.ts";
import { openFolderKeys } from "./open/open-folder-keys.ts";

// A reader that leaves early (`sektor adapters | head -1`) is no fault.
process.stdout.on("error", (fault: NodeJS.ErrnoException) => {
  process.exit(fault.code === "EPIPE" ? 0 : 1);
});

const { SEKTOR_URL, SEKTOR_API_KEY, NO_COLOR } = process.env;

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  defaults: {
    url: SEKTOR_URL || "http://127.0.0.1:8000",
    isUrlChosen: Boolean(SEKTOR_URL),
    apiKey: SEKTOR_API_KEY ?? "",
  },
  colour: process.stdout.isTTY === true && !NO_COLOR,
  onInterrupt: (listener) => {
    process.on("SIGINT", listener);
    return () => process.off("SIGINT", listener);
  },
  createProgressBar,
  openKeys: () => openFolderKeys(process.env),
  // Read only where it is wanted: it brings everything a turn is made of.
  openHandler: async () => (await import("./open/open-handler.ts")).openHandler(process.env),
  startProgram,
});

/** Runs a program of the platform as `npm start` does, and lives as long as it. @returns its exit code */
async function startProgram(
  name: "serve" | "infer" | "migrate" | "worker" | "deploy",
  variables: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<number> {
  // Deploying is no part of what runs: its files stand with the other scripts.
  const file = name === "deploy" ? "../../scripts/deploy.ts" : `./${name}.ts`;
  const { path, execArgv } = programFile(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [...execArgv, path, ...args], {
    stdio: "inherit",
    env: { ...process.env, ...variables },
  });
  // Ctrl-C reaches the child from the terminal itself; it decides when to end. Other signals are sent to us alone.
  process.on("SIGINT", () => {
    if (process.stdin.isTTY !== true) child.kill("SIGINT");
  });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
