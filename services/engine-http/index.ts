export { buildEngineApp, type EngineAppOptions } from "./build-engine-app.ts";
