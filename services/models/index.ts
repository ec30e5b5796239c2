export {
  InvalidModelSourceError,
  ModelAccessError,
  ModelChecksumError,
  ModelDiskFullError,
  ModelDownloadError,
  ModelNotFoundError,
  ModelNotGgufError,
} from "./errors.ts";
export type { NetworkLimits } from "./network-limits.ts";
export { createProgressBar, type ProgressBar, type ProgressBarOptions } from "./progress-bar.ts";
export { type ModelProgress, type ResolvedModel, type ResolveModelOptions, resolveModel } from "./resolve-model.ts";
