export type { CliSurroundings, OpenedHandler, OpenedKeys } from "./cli-surroundings.ts";
export { ReplyBrokenError, ServerRefusedError, ServerUnreachableError, UsageError } from "./errors.ts";
export { exitCodes } from "./exit-codes.ts";
export { runCli } from "./run-cli.ts";
