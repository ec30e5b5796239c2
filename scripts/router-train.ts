import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Presets, SingleBar } from "cli-progress";
import { Command } from "commander";
import { PlatformError } from "../services/foundation/index.ts";
import { createLinearRouter, encodeWeights } from "../services/routing/index.ts";
import { measure, readExamples, readTrainingData, routeAll, trainRouter } from "../services/routing/training/index.ts";
import { loadSectors } from "../services/settings/index.ts";
import { measureBenchmark } from "./lib/router-benchmark.ts";
import { routerReport } from "./lib/router-report.ts";

interface TrainOptions {
  readonly data: string;
  readonly sectors: string;
  readonly out: string;
  readonly report: string;
  readonly benchmark?: string;
}

/** Writes models/router from datasets/, with the page that says how good it is. About half a minute on one core. */
function main(options: TrainOptions): void {
  const sectors = loadSectors(options.sectors).all.map((sector) => sector.id);
  const folder = (name: string) => join(options.data, name);
  const testFolder = folder("routing/test");
  const data = readTrainingData(
    { train: folder("routing/train"), test: testFolder, dialogues: folder("dialogues") },
    sectors,
  );
  const unseen = sectors.filter((sector) => !data.examples.some((example) => example.sector === sector));
  if (unseen.length > 0) console.warn(`No training message for: ${unseen.join(", ")}`);

  const bar = new SingleBar({ format: "training [{bar}] {value}/{total} models | {duration_formatted}" }, Presets.rect);
  bar.start(6, 0);
  const trained = trainRouter(data, sectors, undefined, (done, total) => {
    bar.setTotal(total);
    bar.update(done);
  });
  bar.stop();

  mkdirSync(options.out, { recursive: true });
  const files = encodeWeights(trained.weights);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(options.out, name), content);

  const router = createLinearRouter(trained.weights);
  const test = readExamples(testFolder, sectors);
  const { benchmark } = options;
  const report = routerReport({
    ...trained,
    bytes: Object.values(files).reduce((sum, content) => sum + Buffer.byteLength(content), 0),
    test: test.length === 0 ? undefined : measure(routeAll(router, test)),
    benchmark: benchmark !== undefined && existsSync(benchmark) ? measureBenchmark(router, benchmark) : undefined,
  });
  mkdirSync(dirname(options.report), { recursive: true });
  writeFileSync(options.report, report);
  console.log(report);
}

const command = new Command("router:train")
  .description("Train the router from datasets/ and write its weights and its report.")
  .option("--data <folder>", "folder with routing/ and dialogues/", "datasets")
  .option("--sectors <file>", "the sectors", "configs/sectors.yaml")
  .option("--out <folder>", "where the weights go", "models/router")
  .option("--report <file>", "where the report goes", "docs/eval/router.md")
  .option("--benchmark <file>", 'also measure on lines {"text","accept":[sectors]|null,"generic"}');

try {
  main(command.parse().opts<TrainOptions>());
} catch (failure) {
  if (!(failure instanceof PlatformError)) throw failure;
  console.error(failure.message);
  process.exitCode = 1;
}
