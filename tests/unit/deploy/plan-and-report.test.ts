import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { composeWishes, planCompose } from "../../../scripts/deploy/deploy-compose.ts";
import { planLocal } from "../../../scripts/deploy/deploy-local.ts";
import { type DeployOptions, DeployUsageError, readOptions } from "../../../scripts/deploy/options.ts";
import { composeLacks, localLacks, type Machine } from "../../../scripts/deploy/prerequisites.ts";
import { type DeployFindings, isGreen, renderReport } from "../../../scripts/deploy/report.ts";
import { renderLacks } from "../../../scripts/deploy/run-deploy.ts";
import { renderPlan, runSteps, type Step } from "../../../scripts/deploy/steps.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "sektor-deploy-test-"));
  folders.push(made);
  return made;
}

const options = (...args: readonly string[]): DeployOptions => readOptions(args) as DeployOptions;
const around = () => ({
  found: { smoke: undefined, monitoring: undefined, feedback: undefined },
  signal: new AbortController().signal,
  onSmoke: () => undefined,
  onNote: () => undefined,
});
const silent = { begins: () => undefined, ends: () => undefined };

describe("the command line", () => {
  it.each([
    ["--scale", "0"],
    ["--scale", "two"],
    ["--profile", "tpu"],
    ["--restart"],
    ["--local", "--stop"],
    ["--certificate", "a.pem"],
    ["--sclae", "2"],
  ])("refuses %s %s", (...args) => {
    expect(() => readOptions(args)).toThrow(DeployUsageError);
  });

  it("has two gateways where nothing is said", () => {
    expect(options("--local")).toMatchObject({ local: true, scale: 2, keep: false, profile: "cpu" });
  });
});

describe("a dry run", () => {
  it("names every step of a local deployment and touches nothing", () => {
    const place = join(folder(), "x");
    const { steps, undo } = planLocal(options("--local", "--scale", "3", "--folder", place), around());
    const text = renderPlan(steps, undo);
    expect(text).toContain("3 × sektor serve");
    expect(text).toContain(place);
    for (const word of [
      "redis-server",
      "postgres",
      "infer",
      "migrate",
      "work",
      "nginx",
      "Prometheus",
      "Duman testi",
      "/openapi.json",
    ])
      expect(text).toContain(word);
    expect(existsSync(place)).toBe(false);
  });

  it("wants the Compose that docker-compose.yml says it needs, and that the guides name", () => {
    const [, needed] =
      /Needs Docker Compose (\d+\.\d+) or later/.exec(readFileSync("docker-compose.yml", "utf8")) ?? [];
    expect(needed).toMatch(/^2\./);
    const source = readFileSync("scripts/deploy/prerequisites.ts", "utf8");
    expect(source).toContain(`isAtLeast(compose, [${needed?.replace(".", ", ")}])`);
    for (const guide of ["containers", "deploy"])
      expect(readFileSync(`docs/guides/${guide}.md`, "utf8")).toMatch(new RegExp(`Compose (≥ )?${needed}`));
  });

  it("asks Docker for nothing", () => {
    const asked: unknown[] = [];
    const docker = async (args: readonly string[]): Promise<string> => {
      asked.push(args);
      return "";
    };
    const { steps, undo } = planCompose(options("--scale", "4", "--profile", "gpu"), around(), docker);
    expect(renderPlan(steps, undo)).toContain(
      "--profile gpu up --detach --wait --wait-timeout 900 --scale turkish-ai-agent=4",
    );
    expect(asked).toEqual([]);
  });
});

describe("steps", () => {
  const step = (title: string, run: () => Promise<string>, goesOn = false): Step => ({ title, how: [], run, goesOn });
  const ok = async () => "ok";
  const fail = async () => {
    throw new Error("kırık");
  };

  it("after one that others need, the others are skipped", async () => {
    const results = await runSteps(
      [step("a", ok), step("b", fail), step("c", ok)],
      silent,
      new AbortController().signal,
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(["ok", "failed", "skipped"]);
    expect(results[1]?.detail).toBe("kırık");
    expect(isGreen({ steps: results })).toBe(false);
  });

  it("after one that only looks, the others run and the whole is red", async () => {
    const results = await runSteps([step("a", fail, true), step("b", ok)], silent, new AbortController().signal);
    expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "ok"]);
    expect(isGreen({ steps: results })).toBe(false);
  });

  it("nothing more begins once it is interrupted", async () => {
    const stop = new AbortController();
    const results = await runSteps(
      [
        step("a", async () => {
          stop.abort();
          return "ok";
        }),
        step("b", ok),
      ],
      silent,
      stop.signal,
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(["ok", "skipped"]);
  });
});

describe("going back with Compose", () => {
  /** A Docker that has one gateway and one engine running, and cannot start new ones. */
  function brokenDocker(running: string) {
    const asked: string[] = [];
    const docker = async (args: readonly string[]): Promise<string> => {
      asked.push(args.join(" "));
      if (args.includes("ps")) return running === "" ? "" : "c1\nc2\nc3\n";
      if (args[0] === "inspect") return running;
      if (args.includes("up") && !args.includes("--no-build")) throw new Error("unhealthy");
      return "";
    };
    return { docker, asked };
  }
  const running = [
    "sektor:cpu sha256:aaa turkish-ai-agent",
    "sektor:cpu sha256:aaa infer",
    "redis:7.4.2-bookworm sha256:bbb redis",
  ].join("\n");

  it("gives the images of before their names again and starts as many gateways as there were", async () => {
    const { docker, asked } = brokenDocker(running);
    const plan = planCompose(options("--scale", "5"), around(), docker);
    const results = await runSteps(plan.steps, silent, new AbortController().signal);
    expect(results.find(({ outcome }) => outcome === "failed")?.detail).toBe("unhealthy");
    asked.length = 0;
    expect(await plan.end(false)).toContain("önceki 1 imaja dönüldü");
    expect(asked).toEqual([
      "image tag sha256:aaa sektor:cpu",
      "compose --profile cpu up --detach --wait --wait-timeout 900 --scale turkish-ai-agent=1 --no-build --force-recreate",
    ]);
  });

  it("ends what it began where nothing ran before, and leaves the data", async () => {
    const { docker, asked } = brokenDocker("");
    const plan = planCompose(options(), around(), docker);
    await runSteps(plan.steps, silent, new AbortController().signal);
    asked.length = 0;
    expect(await plan.end(false)).toContain("veriler duruyor");
    expect(asked).toEqual(["compose --profile cpu down"]);
  });

  it("leaves everything alone where all went well", async () => {
    const { docker, asked } = brokenDocker(running);
    const plan = planCompose(options(), around(), docker);
    expect(await plan.end(true)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe("what has to be there first", () => {
  const machine = (changes: Partial<Machine> = {}): Machine => ({
    output: async (command, ...args) => (args[0] === "compose" ? "2.29.1" : `${command} 1.0`),
    freeBytes: () => 100 * 1024 ** 3,
    isFree: async () => true,
    nodeVersion: "24.1.0",
    ...changes,
  });
  const nothing = machine({
    output: async () => undefined,
    freeBytes: () => 0,
    isFree: async () => false,
    nodeVersion: "18.20.1",
  });

  it("is nothing on a machine that has everything", async () => {
    expect(await localLacks(machine(), { folder: "/tmp", httpsPort: 443, model: undefined })).toEqual([]);
    const secrets = folder();
    writeFileSync(join(secrets, "one"), "x");
    const needs = { profile: "cpu", ports: [443], secrets: [join(secrets, "one")], isRunning: false } as const;
    expect(await composeLacks(machine(), needs)).toEqual([]);
  });

  it("is named all at once for a local deployment, each with its cure", async () => {
    const lacks = await localLacks(nothing, { folder: "/tmp", httpsPort: 8443, model: "/no/such.gguf" });
    const text = renderLacks(lacks);
    for (const word of [
      "Node.js 18.20.1",
      "apt-get install --no-install-recommends redis-server nginx-light prometheus openssl postgresql",
      "0.0 GiB",
      "/no/such.gguf",
      "8443 numaralı kapı dolu",
    ])
      expect(text).toContain(word);
    expect(lacks.every(({ cure }) => cure !== "")).toBe(true);
  });

  it("is named all at once for Docker: server, Compose, GPU, disk, secrets, ports", async () => {
    const secrets = folder();
    writeFileSync(join(secrets, "empty"), "\n");
    const files = [join(secrets, "empty"), join(secrets, "missing")];
    const text = renderLacks(
      await composeLacks(nothing, { profile: "gpu", ports: [80, 443], secrets: files, isRunning: false }),
    );
    for (const word of [
      "Docker kurulu değil",
      "NVIDIA",
      "Container Toolkit",
      "20 GiB",
      "empty",
      "missing",
      "80 numaralı",
      "443 numaralı",
    ])
      expect(text).toContain(word);
  });

  it("tells a Docker that does not answer from none, and an old Compose from a new one", async () => {
    const asleep = machine({
      output: async (_command, ...args) =>
        args[0] === "version" ? undefined : args[0] === "compose" ? "2.4.1" : "Docker version 27",
    });
    const text = renderLacks(await composeLacks(asleep, { profile: "cpu", ports: [], secrets: [], isRunning: false }));
    expect(text).toContain("Docker sunucusu yanıt vermiyor");
    expect(text).toContain("Compose 2.4.1 eski");
    expect(text).not.toContain("Docker kurulu değil");
  });

  it("does not mind the ports that the running deployment holds itself", async () => {
    const taken = machine({ isFree: async () => false });
    expect(await composeLacks(taken, { profile: "cpu", ports: [443], secrets: [], isRunning: true })).toEqual([]);
  });

  it("reads ports and secrets out of docker-compose.yml", () => {
    const { ports, secrets } = composeWishes("cpu", "/s");
    expect(ports).toEqual(expect.arrayContaining([80, 443, 8765, 9090]));
    expect(secrets).toContain("/s/postgres_password");
    expect(secrets?.every((file) => file.startsWith("/s/"))).toBe(true);
  });
});

describe("the report", () => {
  const found: DeployFindings = {
    target: "yerel, 2 ağ geçidi",
    version: "0.1.0 (abc1234)",
    startedAt: "2026-01-01T00:00:00.000Z",
    ms: 61_234,
    steps: [{ title: "nginx", outcome: "ok", ms: 100, detail: "https://127.0.0.1:1" }],
    smoke: [
      { endpoint: "GET /v1/models", outcome: "ok", ms: 5, detail: "24 model" },
      { endpoint: "POST /rag", outcome: "failed", ms: 7, detail: "200 yerine 503 döndü: a | b\nc" },
    ],
    monitoring: {
      faults: ["uyarı çalıyor: SektorEngineDown"],
      targets: [{ job: "sektor-gateway", instance: "127.0.0.1:1", up: true }],
      groups: 2,
      rules: 9,
      pending: ["SektorX"],
      standing: ["SektorOld"],
      unseen: [],
    },
    feedback: "# Geri bildirim raporu\n\n## Sektörlere göre\n",
    addresses: [["Herkese açık", "https://127.0.0.1:1"]],
    undone: undefined,
  };

  it("is green only when every step is", () => {
    expect(renderReport(found)).toContain("# Dağıtım raporu: ✅ başarılı");
    const steps = [...found.steps, { title: "Duman testi", outcome: "failed", ms: 1, detail: "x" } as const];
    const text = renderReport({ ...found, steps, undone: "süreçler durduruldu" });
    expect(text).toContain("# Dağıtım raporu: ❌ başarısız");
    expect(text).toContain("**Geri alma:** süreçler durduruldu");
  });

  it("counts what could not be tried apart, and calls nothing of it a success", () => {
    const untried = { endpoint: "gRPC", outcome: "untried", ms: 0, detail: "buradan erişilemez" } as const;
    const text = renderReport({ ...found, smoke: [...(found.smoke ?? []), untried] });
    expect(text).toContain("1/2 başarılı, 1 denenemedi");
    expect(text).toContain("| gRPC | – denenemedi | 0 | buradan erişilemez |");
  });

  it("has what failed first, each on one line of its table", () => {
    const lines = renderReport(found).split("\n");
    const first = lines.findIndex((line) => line.includes("POST /rag"));
    expect(lines[first]).toBe("| POST /rag | ❌ | 7 | 200 yerine 503 döndü: a \\| b c |");
    expect(lines[first + 1]).toContain("GET /v1/models");
  });

  it("tells what monitoring saw and puts the feedback report under its own heading", () => {
    const text = renderReport(found);
    expect(text).toContain("❌ uyarı çalıyor: SektorEngineDown");
    expect(text).toContain("9 kural");
    expect(text).toContain("### Geri bildirim raporu");
    expect(text).toContain("#### Sektörlere göre");
    expect(text).toContain("1/2 başarılı");
  });
});
