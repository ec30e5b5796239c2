import { Command, CommanderError } from "commander";
import { PlatformError } from "../foundation/index.ts";
import type { CliSurroundings } from "./cli-surroundings.ts";
import { type CommandContext, InterruptedError } from "./command-context.ts";
import { addAdapters } from "./commands/adapters.ts";
import { addBenchmark } from "./commands/benchmark.ts";
import { addCapacity } from "./commands/capacity.ts";
import { addChat } from "./commands/chat.ts";
import { addClassify } from "./commands/classify.ts";
import { addDeploy } from "./commands/deploy.ts";
import { addFeedbackReport } from "./commands/feedback-report.ts";
import { addGenerate } from "./commands/generate.ts";
import { addHandlerTest } from "./commands/handler-test.ts";
import { addHealth } from "./commands/health.ts";
import { addKeys } from "./commands/keys.ts";
import { addPrograms } from "./commands/programs.ts";
import { addSectors } from "./commands/sectors.ts";
import { addWorker } from "./commands/worker.ts";
import { ServerUnreachableError, UsageError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { numberBetween } from "./option-values.ts";
import { createServerClient } from "./server-client.ts";
import { plainText } from "./turkish-format.ts";
import { speakTurkish, usageText } from "./turkish-usage.ts";

/** Every command of `sektor`, in the order help shows them. */
const commands = [
  addChat,
  addGenerate,
  addClassify,
  addHealth,
  addAdapters,
  addSectors,
  addKeys,
  addBenchmark,
  addCapacity,
  addFeedbackReport,
  addHandlerTest,
  addPrograms,
  addWorker,
  addDeploy,
];

/**
 * Runs one command line to its end; every failure becomes a message on stderr and an exit code, never an exception.
 * @param args without interpreter and script
 * @returns one of exitCodes, or the exit code of a started program
 */
export async function runCli(args: readonly string[], surroundings: CliSurroundings): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = new Command("sektor");
  const context: CommandContext = {
    ...surroundings,
    server: () => {
      const { url, timeout } = program.opts<{ url: string; timeout: number }>();
      return createServerClient({ url, apiKey: surroundings.defaults.apiKey, silenceMs: timeout * 1000 });
    },
    isServerNamed: () => surroundings.defaults.isUrlChosen || program.getOptionValueSource("url") === "cli",
    finish: (code) => {
      exitCode = code;
    },
  };
  program
    .description("Sektör yönlendirmeli Türkçe yapay zekâ sunucusunun komut satırı")
    .option("--url <adres>", "çalışan sunucu (ortam: SEKTOR_URL; anahtar: SEKTOR_API_KEY)", surroundings.defaults.url)
    .option("--timeout <sn>", "sunucudan ses çıkmazsa beklenecek süre, saniye", numberBetween(0.1, 86_400), 300);
  speakTurkish(program, surroundings);
  for (const add of commands) add(program, context);
  for (const command of program.commands) {
    for (const each of [command, ...command.commands]) speakTurkish(each, surroundings);
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (fault) {
    return report(fault, surroundings);
  }
}

function report(fault: unknown, { stderr }: CliSurroundings): number {
  if (fault instanceof InterruptedError) {
    stderr.write("Durduruldu.\n");
    return exitCodes.interrupted;
  }
  if (fault instanceof CommanderError) {
    if (fault.exitCode === 0) return exitCodes.ok;
    stderr.write(`${plainText(usageText(fault))}\n`);
    return exitCodes.usage;
  }
  stderr.write(`Hata: ${plainText(errorText(fault))}\n`);
  if (fault instanceof UsageError) return exitCodes.usage;
  return fault instanceof ServerUnreachableError ? exitCodes.unreachable : exitCodes.error;
}

/** Turkish where there is a Turkish sentence. */
export function errorText(fault: unknown): string {
  if (fault instanceof PlatformError) return fault.messageTr ?? fault.message;
  return fault instanceof Error ? fault.message : String(fault);
}
