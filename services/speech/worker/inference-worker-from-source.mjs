// Starts inference-worker.ts where nothing has been compiled: a thread does not inherit the main thread's TypeScript loader.
import { register } from "tsx/esm/api";

register();
await import("./inference-worker.ts");
