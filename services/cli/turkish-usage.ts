import type { Argument, Command, CommanderError } from "commander";
import type { CliSurroundings } from "./cli-surroundings.ts";

const titles: Readonly<Record<string, string>> = {
  "Usage:": "Kullanım:",
  "Options:": "Seçenekler:",
  "Commands:": "Komutlar:",
  "Arguments:": "Bağımsız değişkenler:",
};

/** Help in Turkish; faults are thrown instead of printed, so that one place words them. */
export function speakTurkish(command: Command, { stdout }: CliSurroundings): void {
  command
    .helpOption("-h, --help", "bu yardımı göster")
    .configureHelp({
      styleTitle: (title) => titles[title] ?? title,
      styleUsage: (usage) => usage.replace("[options]", "[seçenekler]").replace("[command]", "<komut>"),
      subcommandTerm: (subcommand) => [subcommand.name(), ...subcommand.registeredArguments.map(termOf)].join(" "),
      // commander adds "(default: …)" itself; ours is Turkish.
      optionDescription: (option) => withDefault(option.description, option.defaultValue),
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: () => undefined,
      outputError: () => undefined,
    })
    .exitOverride();
  if (command.parent === null) command.helpCommand("help [komut]", "bir komutun yardımını göster");
}

function termOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function withDefault(description: string, value: unknown): string {
  return value === undefined || value === false ? description : `${description} (varsayılan: ${String(value)})`;
}

/** commander's complaint in Turkish; the names it quotes are kept. */
export function usageText({ code, message }: CommanderError): string {
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? "";
  const help = "Yardım: sektor --help";
  switch (code) {
    case "commander.unknownOption":
      return `Hata: bilinmeyen seçenek ${quoted}. ${help}`;
    case "commander.unknownCommand":
      return `Hata: bilinmeyen komut ${quoted}. ${help}`;
    case "commander.missingArgument":
      return `Hata: <${quoted}> eksik. ${help}`;
    case "commander.optionMissingArgument":
      return `Hata: ${quoted} bir değer ister. ${help}`;
    case "commander.missingMandatoryOptionValue":
      return `Hata: ${quoted} verilmeli. ${help}`;
    case "commander.excessArguments":
      return `Hata: fazladan bağımsız değişken var; boşluk içeren metni tırnak içinde yazın. ${help}`;
    case "commander.invalidArgument":
      return `Hata: ${quoted} için geçersiz değer. ${reasonOf(message)}`.trimEnd();
    case "commander.help":
      return `Hata: bir komut yazın. ${help}`;
    default:
      return `Hata: ${message}`;
  }
}

/** Ours is Turkish already; commander's own, a list of choices, is not. */
function reasonOf(message: string): string {
  return (message.split(" is invalid. ")[1] ?? "").replace("Allowed choices are", "Seçenekler:");
}
