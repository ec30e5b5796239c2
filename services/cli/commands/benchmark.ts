import { benchmarkQuestions, plainQuestion } from "../benchmark-questions.ts";
import { type BenchmarkTask, runBenchmark } from "../benchmark-run.ts";
import { summarize, summaryTable } from "../benchmark-summary.ts";
import { type AddCommand, InterruptedError, interruptible } from "../command-context.ts";
import { ServerUnreachableError, UsageError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { integerBetween, nameList } from "../option-values.ts";
import { loadSectorNames, type SectorNames } from "../sector-names.ts";
import { duration } from "../turkish-format.ts";

interface BenchmarkOptions {
  readonly concurrent: number;
  readonly requests?: number;
  readonly sectors?: readonly string[];
  readonly maxTokens: number;
  readonly json?: boolean;
}

/** `sektor benchmark`: real conversations against the running server, and how long they took. */
export const addBenchmark: AddCommand = (program, context) => {
  program
    .command("benchmark")
    .description("sunucuya gerçek istekler gönder; ilk belirteç, toplam süre ve hız tablosu yaz")
    .option("--concurrent <n>", "aynı anda kaç istek", integerBetween(1, 1024), 4)
    .option("--requests <n>", "toplam istek (varsayılan: eşzamanlının 4 katı)", integerBetween(1, 1_000_000))
    .option("--sectors <a,b>", "bu sektörlere sırayla; verilmezse yönlendirici seçer", nameList)
    .option("--max-tokens <n>", "yanıt başına en çok belirteç", integerBetween(1, 100_000), 64)
    .option("--json", "sonucu JSON olarak yaz")
    .action(async (options: BenchmarkOptions) => {
      const server = context.server();
      const requests = options.requests ?? options.concurrent * 4;
      await interruptible(context, async (signal) => {
        const names = await loadSectorNames(server, signal);
        const tasks = tasksFor(requests, options, names);
        const bar = context.createProgressBar(context.stderr, { label: "İstek", unit: "count" });
        const measured = await runBenchmark(server, tasks, options.concurrent, signal, (done) =>
          bar.update(done, requests),
        );
        bar.stop();
        const summary = summarize(measured.results, measured.wallMs);
        context.stdout.write(
          options.json === true
            ? `${JSON.stringify({ concurrent: options.concurrent, requests, max_tokens: options.maxTokens, ...summary }, null, 2)}\n`
            : `${summaryTable(summary, names)}\nEşzamanlı ${options.concurrent} · ${measured.results.length} istek · ${duration(measured.wallMs)}\n`,
        );
        for (const [code, times] of Object.entries(summary.errors)) context.stderr.write(`${times} × ${code}\n`);
        if (signal.aborted) throw new InterruptedError();
        const { firstUnreachable } = measured;
        if (firstUnreachable !== undefined && summary.total.succeeded === 0)
          throw new ServerUnreachableError(server.url, firstUnreachable);
        if (summary.total.failed > 0) context.finish(exitCodes.error);
      });
    });
};

function tasksFor(
  requests: number,
  { sectors, maxTokens }: BenchmarkOptions,
  names: SectorNames,
): readonly BenchmarkTask[] {
  const unknown = (sectors ?? []).filter((sector) => !names.has(sector));
  if (unknown.length > 0) {
    const known = [...names.keys()].join(", ");
    throw new UsageError(
      `Unknown sectors: ${unknown.join(", ")}. Known: ${known}`,
      `Bilinmeyen sektör: ${unknown.join(", ")}. Olanlar: ${known}`,
    );
  }
  const questions = Object.entries(benchmarkQuestions);
  return Array.from({ length: requests }, (_, index): BenchmarkTask => {
    if (sectors === undefined) return { message: questions[index % questions.length]?.[1] ?? plainQuestion, maxTokens };
    const sector = sectors[index % sectors.length] ?? "";
    return { message: benchmarkQuestions[sector] ?? plainQuestion, sector, maxTokens };
  });
}
