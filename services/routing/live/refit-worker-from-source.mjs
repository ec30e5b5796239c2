// Starts refit-worker.ts where nothing has been compiled. A thread does not inherit the main thread's TypeScript loader, and
// `--import tsx` among its arguments does not reach it on Node 20, so it registers tsx itself.
import { register } from "tsx/esm/api";

register();
await import("./refit-worker.ts");
