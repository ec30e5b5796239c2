import type { AddCommand } from "../command-context.ts";

/** `sektor deploy …`: everything after the name goes to scripts/deploy.ts as it is, which has its own options and `--help`. */
export const addDeploy: AddCommand = (program, context) => {
  program
    .command("deploy")
    .description("platformu kur, sına ve raporla; --local: Docker'sız (seçenekler: sektor deploy --help)")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument("[seçenekler...]", "scripts/deploy.ts'e olduğu gibi verilir")
    .action(async (options: readonly string[]) => {
      context.finish(await context.startProgram("deploy", {}, options));
    });
};
