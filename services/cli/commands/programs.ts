import type { AddCommand } from "../command-context.ts";
import { integerBetween } from "../option-values.ts";

/** `sektor serve`, `sektor infer` and `sektor migrate`: the platform's own programs, in the foreground. */
export const addPrograms: AddCommand = (program, context) => {
  program
    .command("serve")
    .description("sunucuyu bu terminalde başlat (durdurmak için Ctrl-C)")
    .option("--host <adres>", "dinlenecek adres (ortam: SEKTOR_HOST)")
    .option("--port <n>", "dinlenecek kapı; 0: boş bir kapı (ortam: SEKTOR_PORT)", integerBetween(0, 65_535))
    .action(async ({ host, port }: { readonly host?: string; readonly port?: number }) => {
      const variables = {
        ...(host === undefined ? {} : { SEKTOR_HOST: host }),
        ...(port === undefined ? {} : { SEKTOR_PORT: String(port) }),
      };
      context.finish(await context.startProgram("serve", variables));
    });
  program
    .command("infer")
    .description("yalnız model sürecini başlat")
    .option("--listen <adres>", "makine:kapı ya da unix:/yol (ortam: SEKTOR_INFER_LISTEN)")
    .action(async ({ listen }: { readonly listen?: string }) => {
      context.finish(await context.startProgram("infer", listen === undefined ? {} : { SEKTOR_INFER_LISTEN: listen }));
    });
  program
    .command("migrate")
    .description("veritabanı tablolarını güncelle (serve başlarken kendiliğinden yapar)")
    .action(async () => {
      context.finish(await context.startProgram("migrate", {}));
    });
};
