import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Presets, SingleBar } from "cli-progress";
import { Command } from "commander";
import { PlatformError } from "../services/foundation/index.ts";
import {
  createLinearRouter,
  encodeWeights,
  loadStemVectors,
  loadWeights,
  type RouterWeights,
} from "../services/routing/index.ts";
import { readTrainingData, refitRouter, trainRouter } from "../services/routing/training/index.ts";
import { loadSectors } from "../services/settings/index.ts";
import { measureBenchmark } from "./lib/router-benchmark.ts";
import { compareVariants, comparisonHead, comparisonRow } from "./lib/router-compare.ts";
import { routerReport } from "./lib/router-report.ts";
import { variants } from "./lib/router-variants.ts";

interface TrainOptions {
  readonly data: string;
  readonly sectors: string;
  readonly out: string;
  readonly report: string;
  readonly benchmark?: string;
  readonly refit?: true;
  readonly compare?: string | true;
  readonly folds: string;
}

/** Writes models/router from datasets/ and the stem vectors that lie there, with the page that says how good it is. */
function main(options: TrainOptions): void {
  const sectors = loadSectors(options.sectors).all.map((sector) => sector.id);
  const data = readTrainingData(options.data, sectors);
  const stems = loadStemVectors(options.out);
  if (stems === undefined) console.warn("No stem vectors: the router will read n-grams alone (training/README.md).");
  const unseen = sectors.filter((sector) => !data.examples.some((example) => example.sector === sector));
  if (unseen.length > 0) console.warn(`No training message for: ${unseen.join(", ")}`);

  if (options.compare !== undefined) {
    const wanted = typeof options.compare === "string" ? new RegExp(options.compare, "u") : /./u;
    console.log(comparisonHead);
    const chosen = variants.filter(({ name }) => wanted.test(name));
    compareVariants(chosen, data, sectors, stems, Number(options.folds), (figures) =>
      console.log(comparisonRow(figures)),
    );
    return;
  }

  if (options.refit === true) {
    const bytes = write(options.out, refitRouter(loadWeights(options.out).header, data, sectors, undefined, stems));
    console.log(
      `Fitted anew on ${data.examples.length} messages: ${bytes} bytes in ${options.out}. Not cross-validated.`,
    );
    return;
  }

  const bar = new SingleBar({ format: "training [{bar}] {value}/{total} models | {duration_formatted}" }, Presets.rect);
  bar.start(6, 0);
  const onProgress = (done: number, total: number) => {
    bar.setTotal(total);
    bar.update(done);
  };
  const trained = trainRouter(data, sectors, undefined, onProgress, stems);
  bar.stop();

  const bytes = write(options.out, trained.weights);
  const { benchmark } = options;
  const report = routerReport({
    ...trained,
    bytes,
    benchmark:
      benchmark !== undefined && existsSync(benchmark)
        ? measureBenchmark(createLinearRouter(trained.weights), benchmark)
        : undefined,
  });
  mkdirSync(dirname(options.report), { recursive: true });
  writeFileSync(options.report, report);
  console.log(report);
}

/** @returns bytes written */
function write(folder: string, weights: RouterWeights): number {
  mkdirSync(folder, { recursive: true });
  const files = Object.entries(encodeWeights(weights));
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  return files.reduce((sum, [, content]) => sum + Buffer.byteLength(content), 0);
}

const command = new Command("router:train")
  .description("Train the router from datasets/ and write its weights and its report. No test split is read.")
  .option("--data <folder>", "folder with routing/, dialogues/ and knowledge/", "datasets")
  .option("--sectors <file>", "the sectors", "configs/sectors.yaml")
  .option("--out <folder>", "where the stem vectors lie and the weights go", "models/router")
  .option("--report <file>", "where the report goes", "docs/eval/router.md")
  .option("--benchmark <file>", 'also measure on lines {"text","accept":[sectors]|null,"generic"}')
  .option(
    "--refit",
    "one fit on the data as it is now, with the temperature and thresholds of the weights that are there",
  )
  .option("--compare [pattern]", "train nothing: cross-validate the variants whose name matches (decision 0006)")
  .option("--folds <number>", "with --compare: folds of five to judge", "2");

try {
  main(command.parse().opts<TrainOptions>());
} catch (failure) {
  if (!(failure instanceof PlatformError)) throw failure;
  console.error(failure.message);
  process.exitCode = 1;
}
