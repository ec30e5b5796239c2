import { Option } from "commander";
import { type AddCommand, interruptible } from "../command-context.ts";
import { plainText } from "../turkish-format.ts";

interface Options {
  readonly format: keyof typeof mediaTypes;
  readonly since?: string;
  readonly until?: string;
  readonly sector?: string;
}

const mediaTypes = { markdown: "text/markdown", json: "application/json", csv: "text/csv" } as const;

/** `sektor feedback-report`: what users think, by sector and adapter version. */
export const addFeedbackReport: AddCommand = (program, context) => {
  program
    .command("feedback-report")
    .description("geri bildirim raporunu yaz (yönetici anahtarı ister)")
    .addOption(
      new Option("--format <tür>", "markdown, json ya da csv").choices(Object.keys(mediaTypes)).default("markdown"),
    )
    .option("--since <gün>", "bu günden başlayarak, ör. 2026-01-01")
    .option("--until <gün>", "bu günden önce")
    .option("--sector <sektör>", "yalnız bu sektör")
    .action(async ({ format, since, until, sector }: Options) => {
      const query = new URLSearchParams({ format });
      for (const [name, value] of Object.entries({ since, until, sector }))
        if (value !== undefined) query.set(name, value);
      const server = context.server();
      const text = await interruptible(context, (signal) =>
        server.getText(`v1/feedback/report?${query}`, mediaTypes[format], signal),
      );
      // A spreadsheet wants its carriage returns; a terminal must not be steered by what users wrote.
      context.stdout.write(
        `${(format === "csv" ? text.split("\r\n").map(plainText).join("\r\n") : plainText(text)).trimEnd()}\n`,
      );
    });
};
