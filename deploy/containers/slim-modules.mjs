// Takes out of node_modules what this machine's image never loads: binaries for other systems and processors, engines for GPUs (the CUDA image builds its own).
//   node slim-modules.mjs node_modules
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("Which node_modules?");
const { platform, arch } = process;
const removed = [];
/** Asked for by others and never loaded here: the voice activity's package wants a browser's runtime, and only its model is read; a compiler is a peer. */
const neverLoaded = ["onnxruntime-web", "typescript"];

for (const name of packages(folder)) {
  const path = join(folder, name);
  const { os, cpu } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const isForeign = !allows(os, platform) || !allows(cpu, arch);
  const isGpuEngine = /^@node-llama-cpp\/.*-(cuda|cuda-ext|vulkan|metal)$/.test(name);
  if (isForeign || isGpuEngine || neverLoaded.includes(name)) remove(path);
}
// One package with everybody's binaries.
const onnx = join(folder, "onnxruntime-node", "bin", "napi-v6");
if (existsSync(onnx)) {
  for (const system of readdirSync(onnx)) {
    if (system !== platform) remove(join(onnx, system));
    else for (const one of readdirSync(join(onnx, system))) if (one !== arch) remove(join(onnx, system, one));
  }
}
process.stdout.write(`${removed.join("\n")}\n`);

/** @param {string} path */
function remove(path) {
  rmSync(path, { recursive: true, force: true });
  removed.push(path);
}

/** @param {readonly string[] | undefined} list npm's: names, or names with ! before them @param {string} mine */
function allows(list, mine) {
  if (list === undefined || list.length === 0) return true;
  if (list.includes(`!${mine}`)) return false;
  const named = list.filter((one) => !one.startsWith("!"));
  return named.length === 0 || named.includes(mine);
}

/** @param {string} root @returns {string[]} */
function packages(root) {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .flatMap(({ name }) =>
      name.startsWith("@") ? readdirSync(join(root, name)).map((one) => `${name}/${one}`) : [name],
    )
    .filter((name) => existsSync(join(root, name, "package.json")));
}
