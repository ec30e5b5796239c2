import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeSecrets } from "../../../scripts/containers/secret-files.ts";
import { root } from "./compose-file.ts";

const tools = `${root}deploy/containers/`;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sektor-containers-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("entry.sh", () => {
  const entry = (environment: Record<string, string>, ...command: string[]) =>
    spawnSync("sh", [`${tools}entry.sh`, ...command], {
      env: { PATH: process.env["PATH"] ?? "", ...environment },
      encoding: "utf8",
    });

  it("puts a secret from its file into the variable of its name, without the line's end, and forgets the file's name", () => {
    writeFileSync(join(folder, "url"), "postgres://a:b'c$d @host/x\n");
    const { stdout } = entry(
      { SEKTOR_POSTGRES_URL_FILE: join(folder, "url"), HF_TOKEN_FILE: join(folder, "url") },
      "env",
    );
    expect(stdout.split("\n")).toContain("SEKTOR_POSTGRES_URL=postgres://a:b'c$d @host/x");
    expect(stdout.split("\n")).toContain("HF_TOKEN=postgres://a:b'c$d @host/x");
    expect(stdout).not.toContain("_FILE");
  });

  it("leaves alone what is not ours", () => {
    const { stdout } = entry({ GF_PASSWORD_FILE: "/nowhere", SEKTOR_LOG_LEVEL: "info" }, "env");
    expect(stdout).toContain("GF_PASSWORD_FILE=/nowhere");
    expect(stdout).toContain("SEKTOR_LOG_LEVEL=info");
  });

  it("ends and names the variable where a file cannot be read, instead of starting without the secret", () => {
    const { status, stderr, stdout } = entry({ SEKTOR_REDIS_URL_FILE: join(folder, "none") }, "echo", "started");
    expect(status).toBe(78);
    expect(stderr).toContain("SEKTOR_REDIS_URL_FILE");
    expect(stdout).toBe("");
  });

  it("becomes the program: arguments, status and process id are the program's", () => {
    expect(entry({}, "sh", "-c", "exit 7").status).toBe(7);
    expect(entry({}, "printf", "%s|", "a b", "$c").stdout).toBe("a b|$c|");
  });

  it("can be started as it lies in the tree", () => {
    expect(statSync(`${tools}entry.sh`).mode & 0o111).toBe(0o111);
  });
});

describe("health.mjs", () => {
  const statusOf = async (reply: number): Promise<number> => {
    const server = createServer((_request, response) => response.writeHead(reply).end()).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health/ready`;
    try {
      await promisify(execFile)(process.execPath, [`${tools}health.mjs`, url]);
      return 0;
    } catch (failure) {
      return (failure as { code: number }).code;
    } finally {
      server.close();
    }
  };

  it("says well where it is answered well, and unwell otherwise", async () => {
    expect(await statusOf(200)).toBe(0);
    expect(await statusOf(503)).toBe(1);
  });

  it("says unwell where nobody answers", () => {
    expect(spawnSync(process.execPath, [`${tools}health.mjs`, "http://127.0.0.1:9/"]).status).toBe(1);
  });
});

describe("slim-modules.mjs", () => {
  it("takes out what is for other machines and for GPUs, and leaves the rest", () => {
    const other = process.arch === "x64" ? "arm64" : "x64";
    const packages: Record<string, object> = {
      fastify: {},
      "@node-llama-cpp/mine": { os: [process.platform], cpu: [process.arch] },
      "@node-llama-cpp/other": { os: [process.platform], cpu: [other] },
      "@node-llama-cpp/mine-cuda": { os: [process.platform], cpu: [process.arch] },
      "@node-llama-cpp/mine-cuda-ext": {},
      "@node-llama-cpp/mine-vulkan": {},
      "@esbuild/aix-ppc64": { os: ["aix"], cpu: ["ppc64"] },
      "not-here": { os: [`!${process.platform}`] },
      "onnxruntime-web": {},
    };
    for (const [name, content] of Object.entries(packages)) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, "package.json"), JSON.stringify({ name, ...content }));
    }
    for (const place of [`${process.platform}/${process.arch}`, `${process.platform}/${other}`, "plan9/x64"])
      mkdirSync(join(folder, "onnxruntime-node/bin/napi-v6", place), { recursive: true });
    execFileSync(process.execPath, [`${tools}slim-modules.mjs`, folder]);
    const left = Object.keys(packages).filter((name) => existsSync(join(folder, name)));
    expect(left).toEqual(["fastify", "@node-llama-cpp/mine"]);
    expect(readdirSync(join(folder, "onnxruntime-node/bin/napi-v6"), { recursive: true })).toEqual([
      process.platform,
      `${process.platform}/${process.arch}`,
    ]);
  });

  it("takes nothing out that the program loads", () => {
    const [, names = ""] = /neverLoaded = \[([^\]]+)\]/.exec(readFileSync(`${tools}slim-modules.mjs`, "utf8")) ?? [];
    const never = names.split(",").map((name) => name.trim().replaceAll('"', ""));
    const sources = readdirSync(`${root}services`, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const imported = sources.flatMap((name) =>
      [
        ...readFileSync(`${root}services/${name}`, "utf8").matchAll(/(?:from|import|resolve)\s*\(?\s*"([^".][^"]*)"/g),
      ].map(([, module]) => module ?? ""),
    );
    expect(imported).toContain("fastify");
    expect(never.length).toBe(2);
    expect(imported.filter((module) => never.some((name) => module === name || module.startsWith(`${name}/`)))).toEqual(
      [],
    );
  });
});

describe("make-secrets.ts", () => {
  const options = { hosts: ["localhost"], alertWebhookUrl: "http://127.0.0.1:9/" };
  const read = (name: string): string => readFileSync(join(folder, "s", name), "utf8");

  it("makes other passwords every time, and long ones", () => {
    makeSecrets(join(folder, "s"), options);
    makeSecrets(join(folder, "t"), options);
    for (const name of ["postgres_password", "redis_password", "grafana_admin_password", "api_key", "metrics_key"]) {
      expect(read(name)).toMatch(/^[0-9a-f]{48}$/);
      expect(readFileSync(join(folder, "t", name), "utf8")).not.toBe(read(name));
    }
  });

  it("makes what belongs together fit together", () => {
    makeSecrets(join(folder, "s"), options);
    expect(read("postgres_url")).toBe(`postgres://sektor:${read("postgres_password")}@postgres:5432/sektor`);
    expect(read("redis_url")).toBe(`redis://default:${read("redis_password")}@redis:6379`);
    const sha = (text: string): string => execFileSync("sha256sum", { input: text, encoding: "utf8" }).slice(0, 64);
    expect(read("redis_users")).toContain(`#${sha(read("redis_password"))} `);
    expect(read("api_key_sha256")).toBe(`${sha(read("api_key"))},${sha(read("metrics_key"))}`);
    expect(JSON.parse(read("redis_exporter"))).toEqual({ "redis://redis:6379": read("redis_password") });
  });

  it("leaves what is there, and makes what is missing to fit it", () => {
    makeSecrets(join(folder, "s"), options);
    rmSync(join(folder, "s/postgres_url"));
    const { made, kept } = makeSecrets(join(folder, "s"), options);
    expect(made).toEqual(["postgres_url"]);
    expect(kept).toContain("postgres_password");
    expect(read("postgres_url")).toContain(read("postgres_password"));
  });

  it("lets nobody else into the folder", () => {
    makeSecrets(join(folder, "s"), options);
    expect(statSync(join(folder, "s")).mode & 0o777).toBe(0o700);
  });
});

describe("roll-out.sh", () => {
  const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
  const rollOut = (environment: Record<string, string>, ...words: string[]) => {
    // A kubectl that says what it was asked, and prints a manifest.
    writeFileSync(
      join(folder, "kubectl"),
      [
        "#!/bin/sh",
        `echo "$@" >> ${folder}/asked`,
        `if [ "$1" = kustomize ]; then printf 'image: sektor:cpu\\nimage: sektor:cuda\\n'; fi`,
        `for word in "$1" "$3"; do if [ "$word" = "\${REFUSES:-none}" ]; then exit 1; fi; done`,
        `if [ "$1" = apply ]; then cat "$3" >> ${folder}/applied; fi`,
        // Revision 4 of each, but for work, which is not there yet.
        `if [ "$3" = get ] && [ "$4" != deployment/work ]; then printf 4; fi`,
        "",
      ].join("\n"),
      { mode: 0o755 },
    );
    return spawnSync(`${root}scripts/containers/roll-out.sh`, words, {
      env: {
        PATH: `${folder}:${process.env["PATH"] ?? ""}`,
        TMPDIR: folder,
        KUBECONFIG_TEXT: "secret",
        GITHUB_OUTPUT: join(folder, "outputs"),
        ...environment,
      },
      encoding: "utf8",
    });
  };
  const outputs = (): readonly string[] =>
    existsSync(join(folder, "outputs")) ? readFileSync(join(folder, "outputs"), "utf8").trim().split("\n") : [];
  const asked = (): readonly string[] => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
  const good = {
    OVERLAY: "deploy/kubernetes/overlays/gpu",
    IMAGE: "registry.example.com/sektor",
    CPU: digest("a"),
    CUDA: digest("b"),
  };

  it("applies the images by their digests, migrates first and waits until all is there", () => {
    expect(rollOut(good).status).toBe(0);
    expect(readFileSync(join(folder, "applied"), "utf8")).toBe(
      `image: ${good.IMAGE}@${good.CPU}\nimage: ${good.IMAGE}@${good.CUDA}\n`,
    );
    expect(asked().map((line) => line.replace(/--namespace sektor /, "").split(" ")[0])).toEqual([
      "kustomize",
      "get",
      "get",
      "get",
      "delete",
      "apply",
      "wait",
      "rollout",
      "rollout",
      "rollout",
    ]);
  });

  it("rolls out nothing by a tag", () => {
    const { status, stderr } = rollOut({ ...good, CPU: "latest" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("CPU is no digest");
    expect(existsSync(join(folder, "asked"))).toBe(false);
  });

  it.each(["apply", "wait"])("says that something changed, and what was there, when %s fails", (word) => {
    expect(rollOut({ ...good, REFUSES: word }).status).not.toBe(0);
    expect(outputs()).toEqual(["before=infer=4 turkish-ai-agent=4", "changed=true"]);
  });

  it.each(["kustomize", "get"])("says nothing of a change when %s fails: there was none", (word) => {
    expect(rollOut({ ...good, REFUSES: word }).status).not.toBe(0);
    expect(outputs()).toEqual([]);
    expect(asked().join("\n")).not.toMatch(/^apply|delete job/m);
  });

  it("runs by hand as well, where no workflow waits for an output", () => {
    expect(rollOut({ ...good, GITHUB_OUTPUT: "" }).status).toBe(0);
  });

  it("goes back to what it was told was there, and leaves no key to the cluster behind", () => {
    expect(rollOut({ BEFORE: "infer=4 turkish-ai-agent=7" }, "--undo").status).toBe(0);
    expect(asked().filter((line) => line.includes("rollout undo"))).toEqual([
      "--namespace sektor rollout undo deployment/infer --to-revision=4",
      "--namespace sektor rollout undo deployment/turkish-ai-agent --to-revision=7",
    ]);
    expect(readdirSync(folder).sort()).toEqual(["asked", "kubectl"]);
  });

  it("leaves a first roll-out as it is, for there is nothing to go back to", () => {
    const { status, stdout } = rollOut({ BEFORE: "" }, "--undo");
    expect(status).toBe(0);
    expect(stdout).toContain("Nothing was there before");
    expect(existsSync(join(folder, "asked"))).toBe(false);
  });

  it("goes back by one where somebody asks by hand", () => {
    expect(rollOut({}, "--undo").status).toBe(0);
    expect(asked()[0]).toContain("rollout undo deployment/infer deployment/work deployment/turkish-ai-agent");
  });
});
