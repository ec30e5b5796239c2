import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { pause, within } from "../../services/foundation/index.ts";

/** A program a bench started, with what it wrote. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Lines of both outputs with the moment they came, `performance.now()`. */
  readonly lines: readonly { readonly text: string; readonly atMs: number }[];
  /** The first line, past or future, that `matches`. @throws Error the program ended, or said nothing of the kind within `limitMs` */
  line(matches: (text: string) => boolean, limitMs: number): Promise<string>;
}

const stopLimitMs = 20_000;

/**
 * @param environment overrides; the variables of this process are passed on, except the platform's own
 * @param group whether the program and its children are ended together (npm does not pass signals on)
 */
export function startProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  { group = false } = {},
): Program {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("SEKTOR_"));
  const child = spawn(command, args, {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: group,
  });
  const lines: { text: string; atMs: number }[] = [];
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (text) => {
      lines.push({ text, atMs: performance.now() });
      tell();
    });
  }
  let ended: string | undefined;
  child.on("error", (failure) => {
    ended = String(failure);
    tell();
  });
  child.on("exit", (code, signal) => {
    ended = `it ended with ${signal ?? `status ${code}`}`;
    tell();
  });
  const stop = (): Promise<void> => endProgram(child, group, () => ended !== undefined);
  const killOnExit = (): void => {
    if (ended === undefined) kill(child, group, "SIGKILL");
  };
  process.once("exit", killOnExit);
  return {
    pid: child.pid ?? -1,
    lines,
    line: async (matches, limitMs) => {
      const fault = (detail: string): Error =>
        new Error(
          `${command} ${args.join(" ")}: ${detail}\n${lines
            .slice(-8)
            .map((line) => line.text)
            .join("\n")}`,
        );
      let listener: () => void = () => {};
      const found = new Promise<string>((resolve, reject) => {
        listener = () => {
          const line = lines.find(({ text }) => matches(text));
          if (line !== undefined) resolve(line.text);
          else if (ended !== undefined) reject(fault(ended));
        };
        listeners.add(listener);
        listener();
      });
      try {
        return await within(limitMs, found, () => fault(`not said within ${limitMs} ms`));
      } finally {
        listeners.delete(listener);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      process.off("exit", killOnExit);
    },
  };
}

async function endProgram(child: ChildProcess, group: boolean, isOver: () => boolean): Promise<void> {
  // A group is over when its last process is: npm leaves before the server it started has closed its files.
  const isGone = (): boolean => isOver() && (!group || child.pid === undefined || !isGroupAlive(child.pid));
  if (!isGone()) kill(child, group, "SIGTERM");
  for (let waitedMs = 0; !isGone(); waitedMs += 50) {
    if (waitedMs === stopLimitMs) kill(child, group, "SIGKILL");
    if (waitedMs >= 2 * stopLimitMs) throw new Error(`Process ${child.pid} does not end.`);
    await pause(50);
  }
}

function isGroupAlive(leader: number): boolean {
  try {
    return process.kill(-leader, 0);
  } catch {
    return false;
  }
}

function kill(child: ChildProcess, group: boolean, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(group ? -child.pid : child.pid, signal);
  } catch {
    // It is gone already.
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** `services/main/<name>.ts`, as `npm start` runs it. */
export function startService(name: "serve" | "infer", environment: Readonly<Record<string, string>>): Program {
  return startProgram(process.execPath, ["bin/run.js", name], environment);
}

/** Whether a line is the structured log line with this event. */
export function isEvent(name: string): (text: string) => boolean {
  return (text) => text.includes(`"event":"${name}"`);
}
