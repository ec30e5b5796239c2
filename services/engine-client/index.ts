export type { EngineDialectName } from "./dialects/engine-dialect.ts";
export { EngineFailedError } from "./errors.ts";
export { createHttpEngine, type HttpEngineOptions } from "./http-engine.ts";
