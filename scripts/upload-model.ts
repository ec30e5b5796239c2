/**
 * Uploads a model's folder into a repository of a model hub: only what is not there yet, in one commit, going on where a run broke off.
 *
 *   npm run upload-model -- FOLDER --repo owner/name [--dry-run] [--public] [--token-env HF_TOKEN] [--endpoint URL] [--message TEXT]
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { PlatformError } from "../services/foundation/index.ts";
import { createProgressBar } from "../services/models/index.ts";
import { loadSettings } from "../services/settings/index.ts";
import type { ComparedFile } from "./upload-model/compare-files.ts";
import { checkedEndpoint, checkedToken } from "./upload-model/hub-access.ts";
import { runUpload } from "./upload-model/run-upload.ts";
import { usualPatience } from "./upload-model/upload-fetch.ts";
import { UploadRefused } from "./upload-model/upload-refused.ts";

interface Options {
  readonly repo: string;
  readonly dryRun?: boolean;
  readonly public?: boolean;
  readonly tokenEnv: string;
  readonly endpoint?: string;
  readonly message: string;
}

async function main(folder: string, options: Options): Promise<void> {
  // Stopped by a signal, the next run goes on with what has arrived.
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => stop.abort(new UploadRefused(`Stopped by ${name}; run it again to go on.`)));
  const settings = loadSettings(resolve("configs"), process.env);
  const bar = createProgressBar(process.stderr, { label: "Uploading" });
  try {
    const outcome = await runUpload({
      folder: resolve(folder),
      repo: options.repo,
      endpoint: checkedEndpoint(options.endpoint ?? settings.model.hubUrl),
      token: checkedToken(process.env[options.tokenEnv] ?? "", options.tokenEnv),
      isPublic: options.public === true,
      message: options.message,
      dryRun: options.dryRun === true,
      journalFolder: resolve(".sektor/uploads"),
      patience: usualPatience,
      signal: stop.signal,
      onPlan: (files, isNew) => console.log(planText(files, options.repo, isNew)),
      onProgress: (done, total) => bar.update(done, total),
    });
    bar.stop();
    console.log(outcome.sent ? `Uploaded and compared: ${outcome.url}` : "Nothing was sent.");
  } finally {
    bar.stop();
  }
}

function planText(files: readonly ComparedFile[], repo: string, isNew: boolean): string {
  const rows = files.map(({ state, bytes, path }) => `  ${state.padEnd(8)}${String(bytes).padStart(14)}  ${path}`);
  return [`${repo}${isNew ? " (does not exist yet)" : ""}`, ...rows].join("\n");
}

const command = new Command("upload-model")
  .description("Upload a model's folder into a repository of a model hub.")
  .argument("<folder>", "the folder; it needs a README.md as its card")
  .requiredOption("--repo <owner/name>", "the repository; made where there is none")
  .option("--dry-run", "look and compare, send nothing")
  .option("--public", "a repository that is made is open to all; otherwise it is private")
  .option("--token-env <name>", "environment variable that holds the token", "HF_TOKEN")
  .option("--endpoint <url>", "the hub (default: model.hubUrl of the settings, HF_ENDPOINT)")
  .option("--message <text>", "of the commit", "Upload a sektor model");

try {
  command.parse();
  await main(command.args[0] ?? "", command.opts<Options>());
} catch (failure) {
  // What the caller can mend is said in one sentence; anything else is a fault of ours and keeps its trace.
  if (!(failure instanceof UploadRefused || failure instanceof PlatformError)) throw failure;
  console.error(failure.message);
  process.exitCode = 1;
}
