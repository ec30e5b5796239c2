import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import { readBuildContext } from "../../../scripts/containers/docker-ignore.ts";
import { readDockerfile } from "../../../scripts/containers/dockerfile.ts";
import { loadSettings } from "../../../services/settings/index.ts";
import { composeText, root } from "./compose-file.ts";

/** What the stages that every target is made of take from the tree. */
const copied = readDockerfile(`${root}Dockerfile.serve`)
  .stages.filter(({ name }) => name === "dependencies" || name === "program")
  .flatMap(({ steps }) => steps.filter(({ keyword, flags }) => keyword === "COPY" && flags.length === 0))
  .flatMap(({ words }) => words.slice(0, -1));
const context = readBuildContext(`${root}.dockerignore`, root);
const isInImage = (file: string): boolean =>
  context.has(file) && copied.some((source) => file === source || file.startsWith(`${source}/`));

const sources = readdirSync(`${root}services`, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(`${root}services/${name}`, "utf8"));

/** Programs beside services/ that something in the image starts. `deploy` puts up machines and clusters; it is started where the tree is. */
const scripts = [
  ...new Set([
    ...sources.flatMap((text) =>
      [...text.matchAll(/"(?:\.\.\/)+(scripts\/[\w/.-]+\.ts)"/g)].map(([, file = ""]) => file),
    ),
    ...[...composeText.matchAll(/\bscripts\/[\w/.-]+\.ts(?=, --settings)/g)].map(([file]) => file),
  ]),
].filter((file) => file !== "scripts/deploy.ts");

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
});

describe("the image", () => {
  it("has every program that is started in it, with all that it is made of", async () => {
    expect([...scripts].sort()).toEqual(["scripts/eval.ts", "scripts/nginx/render.ts"]);
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    const installed = Object.keys({ ...dependencies, ...optionalDependencies });
    for (const script of scripts) {
      const { metafile } = await build({
        entryPoints: [script],
        absWorkingDir: root,
        bundle: true,
        packages: "external",
        platform: "node",
        format: "esm",
        write: false,
        metafile: true,
        logLevel: "silent",
      });
      const files = Object.keys(metafile.inputs);
      expect(files.length).toBeGreaterThan(3);
      expect([script, files.filter((file) => !isInImage(file))]).toEqual([script, []]);
      const packages = Object.values(metafile.inputs).flatMap(({ imports }) =>
        imports.filter(({ external, path }) => external && !path.startsWith("node:")).map(({ path }) => path),
      );
      const missing = packages.filter(
        (path) => !installed.some((name) => path === name || path.startsWith(`${name}/`)),
      );
      expect([script, missing]).toEqual([script, []]);
    }
  });

  it("has every file that the programs read by its place in the tree", () => {
    const named = sources.flatMap((text) => [...text.matchAll(/\bresolve\("([^"]+)"\)/g)].map(([, path = ""]) => path));
    const bySettings: string[] = [];
    const walk = (value: unknown): void => {
      if (typeof value === "string") bySettings.push(value);
      else if (typeof value === "object" && value !== null) for (const one of Object.values(value)) walk(one);
    };
    walk(loadSettings(`${root}configs`, {}));
    const read = [...named, ...bySettings.filter((value) => /^[\w-]+\/[\w./-]+$/.test(value))];
    // What is made as it runs (.sektor, media types that look like paths) is not in the tree.
    const files = [...new Set(read)].filter((path) => existsSync(`${root}${path}`));
    expect(files).toEqual(expect.arrayContaining(["docs/errors.md", "docs/eval/report.json", "models/manifest.json"]));
    expect(files.filter((file) => !isInImage(file))).toEqual([]);
  });

  it("can do the job `evaluation` with what is in it, by the handler's own command", { timeout: 120_000 }, async () => {
    folder = mkdtempSync(join(tmpdir(), "sektor-image-"));
    for (const source of copied) {
      const to = join(folder, source);
      mkdirSync(dirname(to), { recursive: true });
      // Code is copied, since Node looks for what it imports beside where a link leads to.
      if (/^(models|datasets|configs|web|nginx|docs)(\/|$)/.test(source)) symlinkSync(`${root}${source}`, to);
      else cpSync(`${root}${source}`, to, { recursive: true, filter: (path) => context.has(path) });
    }
    symlinkSync(`${root}node_modules`, join(folder, "node_modules"));
    const program = join(folder, "ask.ts");
    writeFileSync(
      program,
      `import { platformHandlers } from "./services/main/handlers/job-handlers.ts";
      const { evaluation } = platformHandlers({} as never, {} as never);
      console.log(JSON.stringify(await evaluation.run({} as never, { signal: new AbortController().signal } as never)));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", program], { cwd: folder });
    const { summary } = JSON.parse(stdout.trim()) as {
      readonly summary: { readonly router: { readonly top1: number } };
    };
    expect(summary.router.top1).toBeGreaterThan(0.5);
  });
});
