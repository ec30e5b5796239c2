import { spawn } from "node:child_process";
import { PlatformError } from "../../foundation/index.ts";
import type { JobWork } from "../jobs.ts";

/** A program that writes one JSON object as its last line. */
export interface EvaluationProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** Time it has to end by itself when it is asked to; 4 000 unless told. */
  readonly endMs?: number;
}

/** Of what the program says, the end is kept: its last line is the summary. */
const tailCharacters = 64 * 1024;

export class EvaluationFailedError extends PlatformError {
  override readonly name = "EvaluationFailedError";
  constructor(why: string) {
    super({
      code: "evaluation_failed",
      status: 500,
      message: `The evaluation did not come to an end: ${why}.`,
      messageTr: "Değerlendirme tamamlanamadı.",
    });
  }
}

/** Measures the router in a process of its own, and keeps the figures. */
export function evaluationWork({ command, args, endMs = 4_000 }: EvaluationProgram): JobWork<"evaluation"> {
  return {
    run: async (_payload, { signal }) => {
      const said = await lastWords(command, args, endMs, signal);
      const summary = lastObject(said);
      if (summary === undefined) throw new EvaluationFailedError("it said no summary");
      return { summary };
    },
  };
}

function lastWords(command: string, args: readonly string[], endMs: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    let said = "";
    let kill: NodeJS.Timeout | undefined;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-tailCharacters);
    });
    const end = (): void => {
      child.kill("SIGTERM");
      kill = setTimeout(() => child.kill("SIGKILL"), endMs);
    };
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    const leave = (): void => {
      clearTimeout(kill);
      signal.removeEventListener("abort", end);
    };
    child.on("error", () => {
      leave();
      reject(new EvaluationFailedError("it could not be started"));
    });
    child.on("close", (code, killedBy) => {
      leave();
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(said);
      else reject(new EvaluationFailedError(`it ended with ${killedBy ?? `status ${code}`}`));
    });
  });
}

function lastObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
