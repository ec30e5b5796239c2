import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { composeWishes, isComposeRunning, planCompose, realDocker, secretsFolder } from "./deploy-compose.ts";
import { type DeployPlan, type PlanSurroundings, planLocal, planRestart } from "./deploy-local.ts";
import type { Findings } from "./findings.ts";
import { LocalStack } from "./local/local-stack.ts";
import { type DeployOptions, DeployUsageError, readOptions, usage } from "./options.ts";
import { composeLacks, type Lack, localLacks, thisMachine } from "./prerequisites.ts";
import { projectFolder } from "./program-command.ts";
import { isGreen, renderReport, seconds } from "./report.ts";
import type { SmokeResult } from "./smoke/run-smoke.ts";
import { renderPlan, runSteps } from "./steps.ts";

export const deployExitCodes = { ok: 0, failed: 1, usage: 2, lacking: 4, interrupted: 130 } as const;

/** One deployment from its command line to its exit code. */
export async function runDeploy(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(args);
  } catch (fault) {
    if (!(fault instanceof DeployUsageError)) throw fault;
    process.stderr.write(`${fault.message}\n\n${usage}`);
    return deployExitCodes.usage;
  }
  if (options === "help") {
    process.stdout.write(usage);
    return deployExitCodes.ok;
  }
  const stack = options.folder === undefined || !options.local ? undefined : LocalStack.find(resolve(options.folder));
  if ((options.stop || options.restart) && stack === undefined) {
    process.stderr.write(`Bu klasörde çalışan bir kurulum yok: ${options.folder}\n`);
    return deployExitCodes.usage;
  }
  if (options.stop) return await stop(stack as LocalStack);
  const interrupt = new AbortController();
  const onInterrupt = (): void => {
    process.stderr.write("\nDurduruluyor; süren adım bitince başlatılanlar geri alınır.\n");
    interrupt.abort(new Error("durduruldu"));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onInterrupt);
  const found: Findings = { smoke: undefined, monitoring: undefined, feedback: undefined };
  const plan = planOf(options, stack, { found, signal: interrupt.signal, onSmoke, onNote });
  if (options.dryRun) {
    process.stdout.write(`Hedef: ${plan.target}\n${renderPlan(plan.steps, plan.undo)}`);
    return deployExitCodes.ok;
  }
  const lacks = await lacksOf(options, stack);
  if (lacks.length > 0) {
    process.stderr.write(renderLacks(lacks));
    return deployExitCodes.lacking;
  }
  const code = await carryOut(plan, options, found, interrupt.signal);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, onInterrupt);
  return code;
}

function planOf(options: DeployOptions, stack: LocalStack | undefined, around: PlanSurroundings): DeployPlan {
  if (!options.local) return planCompose(options, around);
  return stack === undefined ? planLocal(options, around) : planRestart(options, stack, around);
}

async function carryOut(
  plan: DeployPlan,
  options: DeployOptions,
  found: Findings,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = new Date().toISOString();
  const from = performance.now();
  process.stdout.write(`Hedef: ${plan.target}\n`);
  const steps = await runSteps(plan.steps, progress, signal);
  const green = isGreen({ steps });
  const addresses = plan.addresses();
  let undone: string | undefined;
  let code: number = green ? deployExitCodes.ok : deployExitCodes.failed;
  try {
    undone = await plan.end(green);
  } catch (failure) {
    undone = `tamamlanamadı: ${failure instanceof Error ? failure.message : String(failure)}`;
    code = deployExitCodes.failed;
  }
  const ms = performance.now() - from;
  const stays = options.keep || options.restart || !options.local;
  const report = renderReport({
    target: plan.target,
    version: versionOf(),
    startedAt,
    ms,
    steps,
    ...found,
    addresses: green && stays ? addresses : [],
    undone,
  });
  const file = resolve(options.report ?? join(".sektor", "deploy", `${startedAt.replace(/[:.]/g, "-")}.md`));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, report);
  if (undone !== undefined) onNote(`geri alma: ${undone}`);
  if (green && stays) for (const [what, where] of addresses) process.stdout.write(`${what}: ${where}\n`);
  process.stdout.write(`${green ? "Başarılı" : "BAŞARISIZ"}, ${seconds(ms)}. Rapor: ${file}\n`);
  return signal.aborted ? deployExitCodes.interrupted : code;
}

async function lacksOf(options: DeployOptions, stack: LocalStack | undefined): Promise<readonly Lack[]> {
  const { profile, httpsPort } = options;
  if (!options.local) {
    const isRunning = await isComposeRunning(realDocker);
    return await composeLacks(thisMachine, {
      profile,
      isRunning,
      ...composeWishes(profile, secretsFolder()),
    });
  }
  if (stack !== undefined) return [];
  const source = process.env["SEKTOR_MODEL"] ?? "models/base/sektor-base-v1.gguf";
  // What is fetched from somewhere is looked for by who fetches it.
  const isFile = options.engineUrl === undefined && !/^(https?:|hf:)/.test(source);
  const model = isFile ? resolve(projectFolder, source) : undefined;
  return await localLacks(thisMachine, { folder: options.folder ?? "/tmp", httpsPort, model });
}

export function renderLacks(lacks: readonly Lack[]): string {
  return `Başlamadan önce gerekenler:\n${lacks.map(({ what, cure }) => `- ${what}\n  Çare: ${cure}\n`).join("")}`;
}

async function stop(stack: LocalStack): Promise<number> {
  const forced = await stack.stop();
  process.stdout.write(`Durduruldu: ${stack.now.folder}\n`);
  if (forced.length > 0) onNote(`zorla durdurulan: ${forced.join(", ")}`);
  return deployExitCodes.ok;
}

const progress = {
  begins: (title: string, number: number, of: number) => void process.stdout.write(`[${number}/${of}] ${title}…\n`),
  ends: ({ outcome, ms, detail }: { readonly outcome: string; readonly ms: number; readonly detail: string }) =>
    void process.stdout.write(`      ${outcome === "ok" ? "✓" : "✗"} ${seconds(ms)} · ${detail}\n`),
};

function onSmoke({ endpoint, outcome, detail }: SmokeResult): void {
  if (outcome !== "ok" || process.stdout.isTTY === true)
    process.stdout.write(`      ${smokeSigns[outcome]} ${endpoint} · ${detail}\n`);
}

const smokeSigns = { ok: "✓", failed: "✗", untried: "–" } as const;

function onNote(text: string): void {
  process.stdout.write(`      · ${text}\n`);
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as {
    readonly version: string;
  };
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync("git", ["-C", projectFolder, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    const changed = git("status", "--porcelain") === "" ? "" : ", değiştirilmiş";
    return `${version} (${git("rev-parse", "--short", "HEAD")}${changed})`;
  } catch {
    return version;
  }
}
