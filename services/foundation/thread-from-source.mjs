// Starts a thread's TypeScript file, its first argument. A thread does not inherit the main thread's loader, and `--import tsx` among its
// arguments does not reach it on Node 20, so it registers tsx itself.
import { register } from "tsx/esm/api";

register();
await import(process.argv[2]);
