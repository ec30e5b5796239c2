import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programs } from "../../../bin/bundle.js";

let root = "";

/** A tree of its own, with programs that say where they run from. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sektor-bundle-"));
  cpSync("bin", join(root, "bin"), { recursive: true });
  cpSync("package.json", join(root, "package.json"));
  cpSync("tsconfig.json", join(root, "tsconfig.json"));
  for (const name of programs) write(`services/${name}`, "export {};\n");
  write("services/main/word.ts", 'export const word: string = "bir";\n');
  write(
    "services/main/serve.ts",
    'import { word } from "./word.ts";\ndeclare const SEKTOR_BUNDLE: string | undefined;\n' +
      'const from = typeof SEKTOR_BUNDLE === "string" ? "bundle" : "source";\n' +
      'process.stdout.write([word, from, import.meta.url].join(" "));\n',
  );
  for (const name of ["esbuild", "@esbuild", "tsx"]) {
    mkdirSync(join(root, "node_modules"), { recursive: true });
    symlinkSync(resolve("node_modules", name), join(root, "node_modules", name));
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function run(...args: string[]): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "bin/run.js"), ...args], { encoding: "utf8" });
  return { status, stdout };
}

const bundles = (): readonly string[] => readdirSync(join(root, "node_modules/.cache/sektor"));

describe("the bundle of the programs", () => {
  it("is what a program runs from, and its code still finds what lies beside its source", () => {
    expect(run("serve").stdout).toBe(`bir bundle file://${join(root, "services/main/serve.ts")}`);
  });

  it("is made once for one state of the source, and again when a file changes", () => {
    run("serve");
    const made = bundles();
    expect(made).toHaveLength(1);
    run("serve");
    expect(bundles()).toEqual(made);
    write("services/main/word.ts", 'export const word: string = "iki";\n');
    expect(run("serve").stdout).toMatch(/^iki bundle /);
    expect(bundles()).toHaveLength(2);
  });

  it("can be made before it is needed, as for an image that cannot be written to", () => {
    const { status, stdout } = run("--prepare");
    expect(status).toBe(0);
    expect(stdout.trim()).toBe(join(root, "node_modules/.cache/sektor", bundles()[0] ?? ""));
  });

  it("is done without where it cannot be made: the source runs", () => {
    write("node_modules/.cache", "a file where the folder would be");
    expect(run("serve").stdout).toMatch(/^bir source /);
  });

  it("leaves nothing half made behind when the source is broken", () => {
    write("services/main/word.ts", "export const word: string = ;\n");
    expect(run("serve").status).not.toBe(0);
    expect(bundles()).toEqual([]);
  });

  it("refuses a program it does not have", () => {
    expect(run("nobody").status).toBe(2);
  });
});

describe("the list of programs", () => {
  const sources = readdirSync("services", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const started = sources.flatMap((name) =>
    [
      ...readFileSync(join("services", name), "utf8").matchAll(
        /(?:programFile|threadFile|launchProcess)\(\s*new URL\("([^"]+)"/g,
      ),
    ].map(([, file]) => join(dirname(name), file ?? "")),
  );

  it("has everything that is started by its file, and what a command line can name", () => {
    const named = ["serve", "infer", "work", "migrate", "prepare", "worker", "cli"].map((name) => `main/${name}.ts`);
    expect(new Set(programs)).toEqual(new Set([...started, ...named]));
  });
});
