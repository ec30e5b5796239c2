import type { ApiKeys } from "../access/index.ts";
import type { RunFailure, RunOutput } from "../serverless/index.ts";

/** The keys of a data folder that no server has open, or of a database server. */
export interface OpenedKeys extends AsyncDisposable {
  readonly keys: ApiKeys;
  /** Undefined: a database server keeps them. */
  readonly folder: string | undefined;
  readonly sectorIds: readonly string[];
}

/** The handler of serverless jobs, with an engine of its own. */
export interface OpenedHandler extends AsyncDisposable {
  /** From the start of the process until the handler could run, ms. */
  readonly coldStartMs: number;
  /** @throws the signal's reason, when it fires first */
  run(input: unknown, signal: AbortSignal): Promise<RunOutput | RunFailure>;
}

/** What the command line needs from the process it runs in. */
export interface CliSurroundings {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** What the environment says where no option does; `apiKey` empty: none. */
  readonly defaults: { readonly url: string; readonly isUrlChosen: boolean; readonly apiKey: string };
  /** Whether facts beside the text may be dimmed with escape codes. */
  readonly colour: boolean;
  /** Ctrl-C goes to `listener` instead of ending the process, until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  readonly createProgressBar: (
    stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
    options: { readonly label: string; readonly unit: "count" },
  ) => { update(done: number, total: number): void; stop(): void };
  /** @throws {DataFolderInUseError} a server has it open */
  readonly openKeys: () => Promise<OpenedKeys>;
  readonly openHandler: () => Promise<OpenedHandler>;
  /** Runs a program of the platform to its end; `variables` are added to its environment. @returns its exit code */
  readonly startProgram: (
    name: "serve" | "infer" | "migrate" | "worker" | "deploy",
    variables: Readonly<Record<string, string>>,
    args?: readonly string[],
  ) => Promise<number>;
}
