import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a tool of Prometheus says, both streams in one. @throws {Error} there is no such tool (`apt-get install prometheus prometheus-alertmanager`) */
export async function ask(
  tool: "promtool" | "amtool",
  args: readonly string[],
  folder?: string,
): Promise<{ readonly isWell: boolean; readonly said: string }> {
  const options = { maxBuffer: 64 * 1024 * 1024, ...(folder === undefined ? {} : { cwd: folder }) };
  try {
    const { stdout, stderr } = await run(tool, [...args], options);
    return { isWell: true, said: stdout + stderr };
  } catch (failure) {
    const { code, stdout = "", stderr = "" } = failure as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw new Error(`${tool} cannot be started`, { cause: failure });
    return { isWell: false, said: stdout + stderr };
  }
}

/** Those of the files whose cases all hold. */
export async function passing(files: readonly string[], folder: string): Promise<ReadonlySet<string>> {
  // SUCCESS is said on standard output, under the file's name; what fails is told on the other stream.
  const { said } = await ask("promtool", ["test", "rules", ...files], folder);
  return wellIn(said, /^Unit Testing: {2}(\S+)$/);
}

/** Those of the files that hold rules which can be read. */
export async function readable(files: readonly string[], folder: string): Promise<ReadonlySet<string>> {
  const { said } = await ask("promtool", ["check", "rules", ...files], folder);
  return wellIn(said, /^Checking (\S+)$/);
}

function wellIn(said: string, heading: RegExp): ReadonlySet<string> {
  const well = new Set<string>();
  let file: string | undefined;
  for (const line of said.split("\n")) {
    const named = heading.exec(line)?.[1];
    if (named !== undefined) file = named;
    else if (file !== undefined && line.startsWith("  SUCCESS")) well.add(file);
  }
  return well;
}
