#!/usr/bin/env node
// `node bin/run.js serve` runs a program of services/main; `--prepare` only makes their bundle, as when an image is built; `prepare`, which
// `npm ci` runs, makes an empty database too.
import { start } from "./start.js";

const [, , name] = process.argv;
if (name === "--prepare") {
  const { bundle } = await import("./bundle.js");
  process.stdout.write(`${await bundle()}\n`);
} else if (["serve", "infer", "work", "migrate", "worker", "prepare"].includes(name)) {
  process.argv.splice(2, 1);
  await start(name);
} else {
  process.stderr.write("node bin/run.js serve | infer | work | migrate | worker | prepare | --prepare\n");
  process.exitCode = 2;
}
