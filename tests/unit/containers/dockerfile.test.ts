import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { readBuildContext } from "../../../scripts/containers/docker-ignore.ts";
import { neededStages, readDockerfile, type Stage } from "../../../scripts/containers/dockerfile.ts";
import { environmentVariables } from "../../../services/settings/index.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const targets = ["cpu", "cuda"] as const;
let stages: readonly Stage[];
const stage = (name: string): Stage => {
  const found = stages.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no stage ${name}`);
  return found;
};
const steps = (name: string, keyword: string) => stage(name).steps.filter((step) => step.keyword === keyword);

beforeAll(() => {
  stages = readDockerfile(`${root}Dockerfile.serve`).stages;
});

describe("Dockerfile.serve", () => {
  it("has a target for the CPU and one for CUDA, and no other end", () => {
    const used = new Set(
      stages.flatMap(({ from, steps: all }) => [from, ...all.flatMap(({ flags }) => flags.map(([, value]) => value))]),
    );
    expect(stages.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([...targets]);
  });

  it("starts from images whose tags name a whole version, never from latest", () => {
    const images = stages.map(({ from }) => from).filter((from) => !stages.some(({ name }) => name === from));
    expect(images.length).toBeGreaterThan(2);
    for (const image of images) expect(image).toMatch(/^[a-z/]+:\d+\.\d+\.\d+-[a-z0-9.-]+$/);
  });

  it("runs on the Node that the pipeline tests", () => {
    const [, version] = /^node:([0-9.]+)-/.exec(stage("dependencies").from) ?? [];
    const workflow = readFileSync(`${root}.github/workflows/ci-cd.yml`, "utf8");
    expect(version).toMatch(/^24\./);
    expect(workflow).toContain(`NODE_VERSION: "${version}"`);
  });

  it.each(targets)("%s ends as somebody without rights, by number, and nothing runs after that", (name) => {
    const at = stage(name).steps.findIndex(({ keyword }) => keyword === "USER");
    expect(stage(name).steps[at]?.text).toBe("10001:10001");
    expect(
      stage(name)
        .steps.slice(at)
        .map(({ keyword }) => keyword),
    ).not.toContain("RUN");
    expect(
      stage(name)
        .steps.slice(at)
        .map(({ keyword }) => keyword),
    ).not.toContain("COPY");
  });

  it.each(targets)("%s says whether it is well, by asking the gateway's own readiness", (name) => {
    const [check] = steps(name, "HEALTHCHECK");
    expect(check?.text).toMatch(/deploy\/containers\/health\.mjs.*:8000\/health\/ready/);
    expect(existsSync(`${root}deploy/containers/health.mjs`)).toBe(true);
  });

  it.each(targets)("%s starts under tini, which passes signals on, through the reader of secrets", (name) => {
    expect(steps(name, "ENTRYPOINT")[0]?.words).toEqual(["tini", "--", "/app/deploy/containers/entry.sh"]);
    expect(steps(name, "CMD")[0]).toMatchObject({ words: ["node", "bin/run.js", "serve"], isJson: true });
    expect(steps(name, "RUN").some(({ text }) => /install -y .*\btini\b/.test(text))).toBe(true);
  });

  it("copies only what is there and what .dockerignore lets in", () => {
    const context = readBuildContext(`${root}.dockerignore`, root);
    const sources = stages.flatMap(({ steps: all }) =>
      all
        .filter(({ keyword, flags }) => keyword === "COPY" && flags.length === 0)
        .flatMap(({ words }) => words.slice(0, -1)),
    );
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter((source) => !existsSync(`${root}${source}`))).toEqual([]);
    expect(sources.filter((source) => !context.has(source))).toEqual([]);
  });

  it("lets nothing in that no step copies", () => {
    const { allowed } = readBuildContext(`${root}.dockerignore`, root);
    const sources = stages.flatMap(({ steps: all }) =>
      all.filter(({ keyword }) => keyword === "COPY").flatMap(({ words }) => words.slice(0, -1)),
    );
    expect(allowed.filter((one) => !sources.some((source) => source === one || source.startsWith(`${one}/`)))).toEqual(
      [],
    );
  });

  it("keeps keys, certificates, logs and environment files out of the build", () => {
    const context = readBuildContext(`${root}.dockerignore`, root);
    for (const path of [
      "secrets/api_key",
      ".env",
      "configs/.env.local",
      "configs/server.key",
      "services/a.log",
      "node_modules/x",
    ])
      expect([path, context.has(path)]).toEqual([path, false]);
    expect(context.has("services/main/serve.ts")).toBe(true);
  });

  it("copies from earlier stages only", () => {
    for (const [at, { steps: all }] of stages.entries()) {
      const earlier = stages.slice(0, at).map(({ name }) => name);
      for (const step of all)
        for (const [flag, value] of step.flags) if (flag === "from") expect(earlier).toContain(value);
    }
  });

  it("installs dependencies before it copies the program, so that a change of the program installs nothing anew", () => {
    const installed = steps("dependencies", "RUN").some(({ text }) => /npm ci --omit=dev/.test(text));
    const copied = steps("dependencies", "COPY").flatMap(({ words }) => words);
    expect(installed).toBe(true);
    expect(copied).not.toContain("services");
    expect(stage("program").from).toBe("dependencies");
  });

  it("leaves compilers and whatever only tests need out of what is handed out", () => {
    for (const name of targets) {
      const installs = steps(name, "RUN")
        .map(({ text }) => text)
        .join("\n");
      expect(installs).not.toMatch(/\b(g\+\+|gcc|make|cmake|git|python3|curl|npm ci)\b/);
    }
    const all = stages.flatMap(({ steps: every }) =>
      every.filter(({ keyword }) => keyword === "RUN").map(({ text }) => text),
    );
    expect(all.filter((text) => text.includes("npm ci")).every((text) => text.includes("--omit=dev"))).toBe(true);
    expect(
      stages.flatMap(({ steps: every }) =>
        every.filter(({ keyword }) => keyword === "COPY").flatMap(({ words }) => words),
      ),
    ).not.toContain("tests");
  });

  it("removes the package lists in the step that fetched them", () => {
    const all = stages.flatMap(({ steps: every }) => every.filter(({ text }) => text.includes("apt-get update")));
    expect(all.length).toBe(4);
    expect(
      all.every(({ text }) => /--no-install-recommends/.test(text) && /rm -rf \/var\/lib\/apt\/lists/.test(text)),
    ).toBe(true);
  });

  it("holds no secret and takes none as an argument, where every layer would remember it", () => {
    const names = stages.flatMap(({ steps: all }) =>
      all
        .filter(({ keyword }) => keyword === "ENV" || keyword === "ARG")
        .flatMap(({ words }) => words.map((word) => word.split("=")[0] ?? "")),
    );
    expect(names.filter((name) => /TOKEN|SECRET|PASSWORD|KEY|POSTGRES_URL|REDIS_URL/.test(name))).toEqual([]);
  });

  it("sets only variables that the settings know", () => {
    const names = stages.flatMap(({ steps: all }) =>
      all
        .filter(({ keyword }) => keyword === "ENV")
        .flatMap(({ words }) => words.map((word) => word.split("=")[0] ?? "")),
    );
    const ours = names.filter((name) => name.startsWith("SEKTOR_"));
    expect(ours).toContain("SEKTOR_GPU");
    expect(ours.filter((name) => !(name in environmentVariables))).toEqual([]);
  });

  it("opens the ports of the settings' defaults", () => {
    for (const name of targets)
      expect(steps(name, "EXPOSE")[0]?.words).toEqual(["8000", "8765", "16071", "8001", "8002"]);
  });

  it("builds CUDA's engine from the source inside the package, for any processor, and finds it again under the same names", () => {
    const build = steps("cuda-engine", "RUN").find(({ text }) => text.includes("source download"));
    expect(build?.text).toMatch(/cli\.js source download --gpu cuda/);
    const options = (name: string) =>
      steps(name, "ENV")
        .flatMap(({ words }) => words)
        .filter((word) => word.startsWith("NODE_LLAMA_CPP_CMAKE_OPTION_"));
    expect(options("cuda-engine")).toContain("NODE_LLAMA_CPP_CMAKE_OPTION_GGML_NATIVE=OFF");
    expect(options("cuda")).toEqual(options("cuda-engine"));
    expect(neededStages(stages, "cpu").map(({ name }) => name)).toEqual(["dependencies", "program", "cpu"]);
  });
});
