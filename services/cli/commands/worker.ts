import type { AddCommand } from "../command-context.ts";
import { integerBetween } from "../option-values.ts";

interface WorkerOptions {
  readonly concurrency?: number;
  readonly idleExit?: number;
  readonly stream: boolean;
}

/** `sektor worker --runpod`: takes jobs from an endpoint that the environment names, until told to end or idle for too long. */
export const addWorker: AddCommand = (program, context) => {
  program
    .command("worker")
    .description("sunucu açmadan bir iş ucundan iş alıp çalıştır (durdurmak için Ctrl-C)")
    .requiredOption("--runpod", "RunPod tarzı uç; adresleri ve anahtarı RUNPOD_… değişkenlerindedir")
    .option("--concurrency <n>", "aynı anda en çok iş (ortam: SEKTOR_WORKER_CONCURRENCY)", integerBetween(1, 256))
    .option(
      "--idle-exit <sn>",
      "bu kadar saniye iş gelmezse kapan; 0: kapanma (ortam: SEKTOR_WORKER_IDLE_EXIT_S)",
      integerBetween(0, 604_800),
    )
    .option("--no-stream", "yanıtları parça parça gönderme (ortam: SEKTOR_WORKER_STREAM)")
    .action(async ({ concurrency, idleExit, stream }: WorkerOptions) => {
      const variables = {
        ...(concurrency === undefined ? {} : { SEKTOR_WORKER_CONCURRENCY: String(concurrency) }),
        ...(idleExit === undefined ? {} : { SEKTOR_WORKER_IDLE_EXIT_S: String(idleExit) }),
        ...(stream ? {} : { SEKTOR_WORKER_STREAM: "false" }),
      };
      context.finish(await context.startProgram("worker", variables));
    });
};
