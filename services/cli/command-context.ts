import type { Command } from "commander";
import type { CliSurroundings } from "./cli-surroundings.ts";
import type { ServerClient } from "./server-client.ts";

/** What a command is given: its surroundings and the server the options name. */
export interface CommandContext extends CliSurroundings {
  /** @throws {UsageError} --url is no address */
  readonly server: () => ServerClient;
  /** Whether somebody said which server is meant, instead of leaving it at the usual address. */
  readonly isServerNamed: () => boolean;
  /** What the process will answer to its caller; exitCodes.ok unless a command says otherwise. */
  readonly finish: (exitCode: number) => void;
}

/** Adds one command to the program. */
export type AddCommand = (program: Command, context: CommandContext) => void;

/** A signal that fires at Ctrl-C for as long as `work` runs. */
export async function interruptible<T>(
  context: CliSurroundings,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const release = context.onInterrupt(() => stop.abort(new InterruptedError()));
  try {
    return await work(stop.signal);
  } finally {
    release();
  }
}

/** The user pressed Ctrl-C; nothing went wrong. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
}

export function dim(text: string, context: CliSurroundings): string {
  return context.colour ? `\u001b[2m${text}\u001b[22m` : text;
}
