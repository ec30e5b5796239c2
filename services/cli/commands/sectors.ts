import { type AddCommand, interruptible } from "../command-context.ts";
import { readSectorFile } from "../sector-file.ts";
import { formatTable } from "../table.ts";
import { count, decimal, plainText } from "../turkish-format.ts";
import { speakTurkish } from "../turkish-usage.ts";

interface SectorReply {
  readonly id: string;
  readonly name?: { readonly tr?: string };
  readonly status?: string;
  readonly examples?: number | null;
  readonly seconds?: number | null;
  readonly figures?: {
    readonly own: { readonly messages: number; readonly recognised: number };
    readonly others: { readonly messages: number; readonly without: number; readonly with: number };
  } | null;
}

interface AddOptions {
  readonly force?: boolean;
  readonly wait: boolean;
  readonly json?: boolean;
}

/** `sektor sectors list | add FILE | remove ID`: sectors that come and go while the server runs. */
export const addSectors: AddCommand = (program, context) => {
  const sectors = program.command("sectors").description("sektörler: listele, örneklerle ekle, sil");

  sectors
    .command("list", { isDefault: true })
    .description("sunucunun sektörlerini listele")
    .action(async () => {
      const server = context.server();
      await interruptible(context, async (signal) => {
        const { data = [] } = (await server.getJson("v1/sectors", signal)) as { data?: readonly SectorReply[] };
        const rows = data.map(({ id, name }) => [id, plainText(name?.tr ?? "")]);
        context.stdout.write(formatTable([{ title: "Sektör" }, { title: "Ad" }], rows));
      });
    });

  sectors
    .command("add")
    .description("dosyadaki sektörü ekle; yönlendirici onu tanıyana dek bekle")
    .argument("<dosya>", ".json ya da .jsonl; biçimi: docs/guides/new-sector.md")
    .option("--force", "ölçüm olumsuz olsa da yayına al")
    .option("--no-wait", "eğitimin bitmesini bekleme")
    .option("--json", "sunucunun yanıtını JSON olarak yaz")
    .action(async (file: string, options: AddOptions) => {
      const sector = await readSectorFile(file);
      const server = context.server();
      await interruptible(context, async (signal) => {
        const path = options.wait ? "v1/sectors?wait=true" : "v1/sectors";
        const body = { ...sector, ...(options.force === true ? { force: true } : {}) };
        const reply = (await server.postJson(path, body, signal)) as SectorReply;
        context.stdout.write(options.json === true ? `${JSON.stringify(reply, null, 2)}\n` : `${summary(reply)}\n`);
      });
    });

  sectors
    .command("remove")
    .description("çalışırken eklenmiş bir sektörü sil")
    .argument("<sektör>", "sektörün kimliği")
    .action(async (id: string) => {
      const server = context.server();
      await interruptible(context, async (signal) => {
        await server.deleteJson(`v1/sectors/${encodeURIComponent(id)}`, signal);
        context.stdout.write(`${plainText(id)} silindi.\n`);
      });
    });

  for (const command of sectors.commands) speakTurkish(command, context);
};

function summary({ id, status, examples, seconds, figures }: SectorReply): string {
  if (status !== "live") return `${plainText(id)} eğitiliyor; durumu: /v1/sectors/${plainText(id)}`;
  const parts = [`${count(examples ?? 0)} örnek`];
  if (typeof seconds === "number") parts.push(`${decimal(seconds)} sn`);
  if (figures) {
    const { own, others } = figures;
    parts.push(`ayrılan ${own.messages} örnekten ${own.recognised} tanesi tanındı`);
    parts.push(
      `öteki sektörlerin ${count(others.messages)} iletisinden ${count(others.without - others.with)} tanesi kaydı`,
    );
  }
  return `${plainText(id)} yayında: ${parts.join(", ")}.`;
}
