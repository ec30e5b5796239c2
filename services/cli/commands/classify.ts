import { type AddCommand, interruptible } from "../command-context.ts";
import { readText } from "../read-text.ts";
import { loadSectorNames, sectorLabel } from "../sector-names.ts";
import { formatTable } from "../table.ts";
import { decimal, plainText, probability } from "../turkish-format.ts";

interface Classification {
  readonly sector?: string | null;
  readonly confidence?: number;
  readonly abstained?: boolean;
  readonly scores?: readonly { readonly sector: string; readonly confidence: number }[];
  readonly why?: readonly { readonly feature: string; readonly weight: number }[];
  readonly ms?: number;
}

const shownScores = 5;
const shownReasons = 8;

/** `sektor classify TEXT`: what the router makes of a text, and by which features. */
export const addClassify: AddCommand = (program, context) => {
  program
    .command("classify")
    .description("metnin sektörünü bul; olasılıkları ve nedenleri göster")
    .argument("[metin...]", "metin; - ya da boş bırakılırsa standart girdiden okunur")
    .option("--json", "sunucunun yanıtını JSON olarak yaz")
    .action(async (words: readonly string[], options: { readonly json?: boolean }) => {
      const text = await readText(words, context);
      const server = context.server();
      await interruptible(context, async (signal) => {
        const found = (await server.postJson("v1/classify", { text }, signal)) as Classification;
        if (options.json === true) {
          context.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
          return;
        }
        const names = await loadSectorNames(server, signal);
        const rows = (found.scores ?? [])
          .slice(0, shownScores)
          .map(({ sector, confidence }) => [sectorLabel(sector, names), probability(confidence)]);
        const reasons = (found.why ?? [])
          .slice(0, shownReasons)
          .map(({ feature, weight }) => `${feature} (${decimal(weight)})`);
        const verdict =
          found.abstained === true
            ? "Kararsız: hiçbir sektör yeterince olası değil"
            : sectorLabel(found.sector ?? null, names);
        context.stdout.write(`${plainText(verdict)} · güven: ${probability(found.confidence ?? 0)}\n\n`);
        context.stdout.write(formatTable([{ title: "Sektör" }, { title: "Olasılık", right: true }], rows));
        if (reasons.length > 0) context.stdout.write(`\nNeden: ${plainText(reasons.join(", "))}\n`);
      });
    });
};
