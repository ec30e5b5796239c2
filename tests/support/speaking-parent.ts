/** A process that has a speaking one of its own, and tells its id. */
import { hummingSynthesizer } from "./humming-synthesizer.ts";

const { synthesizer } = hummingSynthesizer();
await synthesizer.ready();
process.send?.(synthesizer.pid);
