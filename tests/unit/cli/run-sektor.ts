import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../../../bin/sektor.js", import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Goes to --url. */
  readonly url?: string;
  /** Written to stdin, which then ends; "open": stdin stays open. */
  readonly stdin?: string | { readonly open: string };
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the running process and what it has written so far. */
  readonly onOutput?: (child: ChildProcessWithoutNullStreams, stdout: string) => void;
}

/** `sektor …` as a user starts it, in another folder than the repository's. */
export async function sektor(
  args: readonly string[],
  { url, stdin = "", env = {}, onOutput }: RunOptions = {},
): Promise<Run> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(SEKTOR_|NODE_OPTIONS|VITEST|FORCE_COLOR)/.test(name),
  );
  const child = spawn(process.execPath, [script, ...args, ...(url === undefined ? [] : ["--url", url])], {
    cwd: tmpdir(),
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...env },
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      if (name === "stdout") onOutput?.(child, output.stdout);
    });
  }
  if (typeof stdin === "string") child.stdin.end(stdin);
  else child.stdin.write(stdin.open);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, ...output };
}
