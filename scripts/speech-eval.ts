import { statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { loadRouter } from "../services/routing/index.ts";
import { Ctc } from "../services/speech/worker/ctc.ts";
import { EvalInputError } from "./eval/input-error.ts";
import { createProgress } from "./eval/progress.ts";
import { type Heard, hear } from "./speech/measure.ts";
import { speechReport } from "./speech/report.ts";
import { measureRouting } from "./speech/routing.ts";
import { readSets } from "./speech/sets.ts";

interface EvalOptions {
  readonly sets: string;
  readonly models: string;
  readonly router: string;
  readonly report: string;
}

/** Recognises every utterance of the sets with what is served, and writes the page that says how well. */
async function main(options: EvalOptions): Promise<void> {
  const utterances = readSets(options.sets);
  const files = {
    model: join(options.models, "tr-ctc-v1.onnx"),
    tokens: join(options.models, "tokens.txt"),
    languageModel: join(options.models, "tr-lm-v1.bin"),
  };
  const ctc = await Ctc.load(files, 1);
  const progress = createProgress();
  const heard: Heard[] = [];
  progress.start("listening", utterances.length);
  for (const utterance of utterances) {
    heard.push(await hear(ctc, utterance));
    progress.step();
  }
  progress.stop();
  const messages = heard.filter(({ utterance }) => utterance.sector !== undefined);
  const report = speechReport({
    heard,
    routing: messages.length === 0 ? undefined : measureRouting(loadRouter(options.router), messages),
    modelBytes: statSync(files.model).size,
    languageModelBytes: statSync(files.languageModel).size,
    processor: cpus()[0]?.model.trim() ?? "a processor without a name",
  });
  writeFileSync(options.report, report);
  console.log(report);
}

const command = new Command("speech:eval")
  .description("Measure the embedded recogniser on synthetic speech made by training/speech/held_out_sets.py.")
  .requiredOption("--sets <folder>", "folder with sets.jsonl and its WAV files")
  .option("--models <folder>", "folder of the recogniser's files", "models/speech")
  .option("--router <folder>", "folder of the router's weights", "models/router")
  .option("--report <file>", "where the page goes", "docs/eval/speech.md");

try {
  await main(command.parse().opts<EvalOptions>());
} catch (failure) {
  if (!(failure instanceof EvalInputError)) throw failure;
  console.error(failure.message);
  process.exitCode = 1;
}
