import { PassThrough } from "node:stream";
import { type CliSurroundings, runCli } from "../../../services/cli/index.ts";

/** A command line in this process, without terminal, keys, handler and programs but for those given. */
export async function commandLine(args: readonly string[], surroundings: Partial<CliSurroundings> = {}) {
  const stdin = new PassThrough();
  stdin.end();
  const streams = { stdout: new PassThrough().setEncoding("utf8"), stderr: new PassThrough().setEncoding("utf8") };
  const code = await runCli(args, {
    ...streams,
    stdin,
    defaults: { url: "http://127.0.0.1:9", isUrlChosen: false, apiKey: "" },
    openKeys: () => Promise.reject(new Error("no keys here")),
    openHandler: () => Promise.reject(new Error("no handler here")),
    colour: false,
    onInterrupt: () => () => undefined,
    createProgressBar: () => ({ update: () => undefined, stop: () => undefined }),
    startProgram: async () => 0,
    ...surroundings,
  });
  return { code, stdout: String(streams.stdout.read() ?? ""), stderr: String(streams.stderr.read() ?? "") };
}
