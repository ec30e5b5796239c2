import { type AddCommand, type CommandContext, dim, interruptible } from "../command-context.ts";
import { UsageError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { parseJson, readTextFile } from "../json-file.ts";
import { duration } from "../turkish-format.ts";

/** As RunPod's own handlers call theirs. */
const usualFile = "test_input.json";

/**
 * `sektor handler-test [FILE]`: runs the serverless handler once, here, with an engine of its own.
 * What it answers goes to stdout as JSON; exit code 0 when that is a success, 1 when it is a failure, 2 when there is no usable input.
 */
export const addHandlerTest: AddCommand = (program, context) => {
  program
    .command("handler-test")
    .description("sunucusuz iş işleyicisini bir kez yerelde çalıştır; çıktısını JSON olarak yazar")
    .argument("[dosya]", `işin dosyası: {"input": {"prompt": "…"}} (varsayılan: ${usualFile})`)
    .option("--input <json>", "dosya yerine işin kendisi")
    .action(async (file = usualFile, { input }: { readonly input?: string }) => {
      const job = input === undefined ? parseJson(file, await readTextFile(file)) : parseJson("--input", input);
      await runOnce(context, inputOf(input === undefined ? file : "--input", job));
    });
};

async function runOnce(context: CommandContext, input: unknown): Promise<void> {
  await interruptible(context, async (signal) => {
    await using handler = await context.openHandler();
    const startedMs = performance.now();
    const output = await handler.run(input, signal);
    const facts = [`soğuk başlangıç ${duration(handler.coldStartMs)}`, `iş ${duration(performance.now() - startedMs)}`];
    context.stdout.write(`${JSON.stringify(output, null, 2)}\n`);
    context.stderr.write(`${dim(`[${facts.join(" · ")}]`, context)}\n`);
    if (output.status !== "success") context.finish(exitCodes.error);
  });
}

function inputOf(place: string, job: unknown): unknown {
  if (typeof job === "object" && job !== null && "input" in job) return job.input;
  throw new UsageError(
    `${place} holds no job: {"input": {"prompt": "…"}} is expected.`,
    `${place} bir iş içermiyor: {"input": {"prompt": "…"}} beklenir.`,
  );
}
