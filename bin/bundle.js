// One JavaScript file per program instead of hundreds of TypeScript ones: a start reads and translates nothing that has not changed. It is made at the first
// start after a change and kept beside the dependencies; what it is made from decides its name, so it can never be out of date.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const services = join(root, "services");
/** Under node_modules, so that what is in it finds the dependencies. */
const cache = join(root, "node_modules", ".cache", "sektor");
/** Other bundles are kept this long: a gateway that runs for weeks starts its engine anew from its own. */
const keptMs = 30 * 24 * 60 * 60 * 1000;

/** Everything that is started by its file: processes and threads. A test compares the list with who starts what. */
export const programs = [
  "main/serve.ts",
  "main/infer.ts",
  "main/work.ts",
  "main/migrate.ts",
  "main/prepare.ts",
  "main/worker.ts",
  "main/cli.ts",
  "routing/live/refit-worker.ts",
  "speech/recognition/native/native-program.ts",
  "speech/synthesis/espeak/espeak-process.ts",
  "speech/synthesis/sherpa/sherpa-process.ts",
  "speech/worker/inference-worker.ts",
  "storage/pglite/pglite-worker.ts",
];

/**
 * The folder of the bundle of the source as it is now; made if it is not there yet.
 * @returns {Promise<string>} it holds `main/serve.js` and the other programs
 * @throws where it can be neither found nor made: the folder is read-only, the source is broken
 */
export async function bundle() {
  const files = sourceFiles();
  const folder = join(cache, nameOf(files));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, "making-"));
  try {
    await make(files, made, folder);
    renameSync(made, folder);
  } catch (failure) {
    rmSync(made, { recursive: true, force: true });
    // Another start may have made the same one meanwhile.
    if (!existsSync(folder)) throw failure;
  }
  removeOld(folder);
  return folder;
}

/** @returns {Map<string, string>} path → text */
function sourceFiles() {
  const names = readdirSync(services, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return new Map(names.sort().map((name) => [join(services, name), readFileSync(join(services, name), "utf8")]));
}

/** @param {Map<string, string>} files */
function nameOf(files) {
  const hash = createHash("sha256");
  hash.update(`${root}\0${process.versions.node}\0${readFileSync(join(root, "package.json"), "utf8")}`);
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const [path, text] of files) hash.update(`\0${path}\0${text}`);
  return hash.digest("hex").slice(0, 24);
}

/**
 * @param {Map<string, string>} files
 * @param {string} outdir where it is written
 * @param {string} folder where it will be
 */
async function make(files, outdir, folder) {
  // Read only where something has to be made.
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: programs.map((name) => join(services, name)),
    outdir,
    outbase: services,
    bundle: true,
    // Programs share what they have in common.
    splitting: true,
    chunkNames: "shared/[hash]",
    format: "esm",
    platform: "node",
    target: `node${process.versions.node}`,
    define: { SEKTOR_BUNDLE: JSON.stringify(folder) },
    logLevel: "silent",
    plugins: [
      {
        name: "sektor",
        setup({ onLoad, onResolve }) {
          // Dependencies stay where npm put them, but for those that are hundreds of files.
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === "entry-point" || /^(typebox|@fastify\/type-provider-typebox)(\/|$)/.test(path)
              ? undefined
              : { path, external: true },
          );
          // Code that looks for a file beside itself finds it in the source.
          onLoad({ filter: /\.ts$/, namespace: "file" }, ({ path }) => {
            const text = files.get(path);
            if (text === undefined) return undefined;
            const contents = text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
            return { contents, loader: "ts", resolveDir: dirname(path) };
          });
        },
      },
    ],
  });
}

/** @param {string} current */
function removeOld(current) {
  const now = new Date();
  utimesSync(current, now, now);
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (path !== current && now.getTime() - statSync(path).mtimeMs > keptMs)
      rmSync(path, { recursive: true, force: true });
  }
}
