import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { gatedRatios } from "../../../scripts/lib/bench-gate.ts";
import { root } from "./compose-file.ts";

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly environment?: { readonly name: string };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string };
  readonly "timeout-minutes": number;
  readonly "runs-on": string;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const path = ".github/workflows/ci-cd.yml";
const text = readFileSync(`${root}${path}`, "utf8");
const workflow = parse(text) as Workflow;
const jobs = Object.entries(workflow.jobs);
const job = (name: string): Job => {
  const found = workflow.jobs[name];
  if (found === undefined) throw new Error(`no job ${name}`);
  return found;
};
const uses = jobs.flatMap(([, { steps }]) =>
  steps.flatMap(({ uses: action }) => (action === undefined ? [] : [action])),
);
const runs = jobs.flatMap(([, { steps }]) => steps.flatMap(({ run }) => (run === undefined ? [] : [run])));
const usesAction = (name: string, action: string): boolean =>
  job(name).steps.some(({ uses: one }) => one?.startsWith(`${action}@`));

let parser: typeof import("@actions/workflow-parser");
beforeAll(async () => {
  // It imports JSON without saying that it is, which Node refuses; in one file it is code.
  const folder = mkdtempSync(join(tmpdir(), "sektor-workflow-"));
  const outfile = join(folder, "parser.mjs");
  try {
    await build({
      entryPoints: ["@actions/workflow-parser"],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile,
      logLevel: "silent",
    });
    parser = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as typeof parser;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** GitHub's own parser and schema. @returns what is wrong */
async function faultsOf(content: string): Promise<readonly string[]> {
  const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = parser;
  const { context, value } = parseWorkflow({ name: path, content }, new NoOperationTraceWriter());
  if (value === undefined) return ["nothing was read"];
  await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

describe(path, () => {
  it("is a workflow that GitHub's own parser takes", async () => {
    expect(await faultsOf(text)).toEqual([]);
  });

  it("would be refused by it with a word or a job it does not know", async () => {
    expect(await faultsOf(text.replace("timeout-minutes: 15", "timeout-minuts: 15"))).not.toEqual([]);
    expect(await faultsOf(text.replace("needs: [image, staging]", "needs: [image, stagging]"))).not.toEqual([]);
  });

  it("takes actions by their commits, with the version beside them: a tag may be moved", () => {
    expect(uses.length).toBeGreaterThan(20);
    for (const action of uses) {
      expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      expect(text).toMatch(new RegExp(`${action} # v\\d+\\.\\d+\\.\\d+`));
    }
  });

  it("takes one action by one commit only", () => {
    const pinned = new Map(uses.map((one) => one.split("@") as [string, string]));
    expect(uses.filter((one) => pinned.get(one.split("@")[0] ?? "") !== one.split("@")[1])).toEqual([]);
  });

  it("may read and nothing else, but for the jobs that publish", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    const more = jobs.filter(([, { permissions }]) => permissions !== undefined).map(([name]) => name);
    expect(more).toEqual(["image", "runpod", "staging", "production"]);
    // Signatures lie beside the images: to check one, the registry must be read.
    for (const name of ["staging", "production"])
      expect(job(name).permissions).toEqual({ contents: "read", packages: "read" });
    expect(job("image").permissions).toEqual({ contents: "read", packages: "write", "id-token": "write" });
    expect(job("runpod").permissions).toEqual({ contents: "read", packages: "write" });
  });

  it("leaves no credentials of the checkout lying around", () => {
    const checkouts = jobs.flatMap(([, { steps }]) =>
      steps.filter(({ uses: one }) => one?.startsWith("actions/checkout@")),
    );
    expect(checkouts.length).toBeGreaterThan(5);
    expect(checkouts.every((step) => String(step.with?.["persist-credentials"]) === "false")).toBe(true);
  });

  it("lets no job run for ever, and none overtake another of its branch", () => {
    for (const [name, one] of jobs)
      expect([name, one["timeout-minutes"] > 0 && one["timeout-minutes"] <= 120]).toEqual([name, true]);
    expect(workflow.concurrency.group).toContain("github.ref");
    for (const name of ["staging", "production"]) expect(job(name).concurrency?.group).toBe(name);
  });

  it("names the machine it runs on by its version", () => {
    for (const [, one] of jobs) expect(one["runs-on"]).toMatch(/^ubuntu-\d+\.\d+$/);
  });

  it("puts no expression into a shell: what comes from outside goes through the environment", () => {
    for (const run of runs) expect(run).not.toContain("${{");
  });

  it("builds an image only of what was checked, tested, measured and scanned, and never of a pull request", () => {
    expect([...(job("image").needs ?? [])].sort()).toEqual(["bench", "check", "scan-tree", "unit", "whole"]);
    expect(job("image").if).toContain("github.event_name != 'pull_request'");
  });

  it("scans the tree and the image, and stops where something serious can be mended", () => {
    for (const [name, kind] of [
      ["scan-tree", "fs"],
      ["image", "image"],
    ] as const) {
      const scan = job(name).steps.find(({ uses: one }) => one?.startsWith("aquasecurity/trivy-action@"));
      expect(scan?.with).toMatchObject({ "scan-type": kind, "exit-code": "1", severity: "HIGH,CRITICAL" });
    }
  });

  it("signs what it built by its digest and says what is in it", () => {
    expect(usesAction("image", "anchore/sbom-action")).toBe(true);
    const signing = job("image").steps.find(({ run }) => run?.includes("cosign sign"));
    expect(signing?.env?.["REFERENCE"]).toMatch(/@\$\{\{ steps\.build\.outputs\.digest \}\}$/);
    expect(signing?.run).toContain("cosign attest");
  });

  it("goes to staging, tries it there, and only then waits for somebody to let it into production", () => {
    expect(job("staging").environment?.name).toBe("staging");
    expect(job("production").environment?.name).toBe("production");
    expect(job("production").needs).toContain("staging");
    expect(job("production").if).toContain("refs/tags/v");
    for (const name of ["staging", "production"]) {
      const order = job(name).steps.map(({ run = "" }) =>
        run.includes("cosign verify")
          ? "verify"
          : run.includes("roll-out.sh --undo")
            ? "undo"
            : run.includes("roll-out.sh")
              ? "roll out"
              : run.includes("smoke.ts")
                ? "smoke"
                : "",
      );
      expect(order.filter((one) => one !== "")).toEqual(["verify", "roll out", "smoke", "undo"]);
    }
  });

  it.each(["staging", "production"])("takes back in %s only what this very run has changed there", (name) => {
    const { steps } = job(name);
    const rollOut = steps.find(({ run = "" }) => run.endsWith("roll-out.sh"));
    const undo = steps.at(-1);
    expect(rollOut?.id).toMatch(/^\w+$/);
    // A download, a checkout or a signature that fails before leaves a healthy release where it is.
    expect(undo?.if).toContain("failure()");
    expect(undo?.if).toContain(`&& steps.${rollOut?.id}.outputs.changed == 'true'`);
    expect(undo?.env?.["BEFORE"]).toBe(`\${{ steps.${rollOut?.id}.outputs.before }}`);
    const script = readFileSync(`${root}scripts/containers/roll-out.sh`, "utf8");
    for (const output of ["before=", "changed=true"]) expect(script).toContain(output);
  });

  it.each(["staging", "production"])("checks in %s the signature of every image that it puts there", (name) => {
    const { steps } = job(name);
    const verify = steps.findIndex(({ run }) => run?.includes("cosign verify"));
    const rollOut = steps.find(({ run = "" }) => run.endsWith("roll-out.sh"));
    const digests = Object.entries(rollOut?.env ?? {}).filter(([, value]) => value.includes("needs.image.outputs."));
    expect(digests.length).toBe(2);
    expect(steps[verify]?.env).toEqual(Object.fromEntries(digests));
    for (const [variable] of digests) expect(steps[verify]?.run).toContain(`"$${variable}"`);
    const login = steps.findIndex(({ uses: one }) => one?.startsWith("docker/login-action@"));
    expect(login).toBeGreaterThanOrEqual(0);
    expect(login).toBeLessThan(verify);
  });

  it("runs scripts that are there", () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { scripts: Record<string, string> };
    const all = runs.join("\n");
    for (const [, name = ""] of all.matchAll(/npm run ([\w:-]+)/g))
      expect([name, name in scripts]).toEqual([name, true]);
    for (const [file] of all.matchAll(/(scripts\/[\w/.-]+\.(ts|sh)|\.ci\/run)/g))
      expect([file, existsSync(`${root}${file}`)]).toEqual([file, true]);
  });

  it("gates benches that have ratios and that it has just measured", () => {
    const gate = /bench-gate\.ts \S+ \S+ ([\w ]+?) \|/.exec(runs.join("\n"))?.[1]?.split(" ") ?? [];
    expect(gate).toEqual(
      [...new Set(gatedRatios.map(({ bench }) => bench))].sort((one, other) => gate.indexOf(one) - gate.indexOf(other)),
    );
    for (const name of gate) expect(runs.join("\n")).toContain(`npm run bench -- ${name}`);
  });

  it("keeps the worker's image the very one that was scanned and signed", () => {
    expect(job("runpod").needs).toEqual(["image"]);
    expect(job("runpod").steps.at(-1)?.run).toContain('"$IMAGE@$DIGEST"');
  });
});
