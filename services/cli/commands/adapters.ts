import { type AddCommand, interruptible } from "../command-context.ts";
import { loadSectorNames, sectorLabel } from "../sector-names.ts";
import { formatTable } from "../table.ts";
import { count, duration, mebibytes } from "../turkish-format.ts";

interface Adapter {
  readonly id: string;
  readonly sector?: string | null;
  readonly bytes?: number | null;
  readonly rank?: number | null;
  readonly resident?: boolean;
  readonly pinned?: boolean;
  readonly references?: number;
  readonly hits?: number;
  readonly load_ms?: number | null;
}

const columns = [
  { title: "Adaptör" },
  { title: "Sektör" },
  { title: "Boyut", right: true },
  { title: "Rank", right: true },
  { title: "Bellekte" },
  { title: "Kullanan", right: true },
  { title: "İstek", right: true },
  { title: "Yükleme", right: true },
];

/** `sektor adapters`: which adapters the server has and what became of them. */
export const addAdapters: AddCommand = (program, context) => {
  program
    .command("adapters")
    .description("adaptörleri listele: boyut, bellekte olup olmadığı, kullanım")
    .option("--json", "sunucunun yanıtını JSON olarak yaz")
    .action(async (options: { readonly json?: boolean }) => {
      const server = context.server();
      await interruptible(context, async (signal) => {
        const body = (await server.getJson("v1/adapters", signal)) as { data?: readonly Adapter[] } | null;
        if (options.json === true) {
          context.stdout.write(`${JSON.stringify(body, null, 2)}\n`);
          return;
        }
        const adapters = Array.isArray(body?.data) ? (body.data as readonly Adapter[]) : [];
        if (adapters.length === 0) {
          context.stdout.write("Bu temel model için adaptör yok; yanıtlar temel modelden gelir.\n");
          return;
        }
        const names = await loadSectorNames(server, signal);
        context.stdout.write(
          formatTable(
            columns,
            adapters.map((adapter) => rowOf(adapter, sectorLabel(adapter.sector ?? null, names))),
          ),
        );
      });
    });
};

function rowOf(adapter: Adapter, sector: string): string[] {
  return [
    adapter.id,
    adapter.sector ? sector : "–",
    adapter.bytes ? mebibytes(adapter.bytes) : "–",
    adapter.rank ? count(adapter.rank) : "–",
    `${adapter.resident === true ? "evet" : "hayır"}${adapter.pinned === true ? ", sabit" : ""}`,
    count(adapter.references ?? 0),
    count(adapter.hits ?? 0),
    typeof adapter.load_ms === "number" ? duration(adapter.load_ms) : "–",
  ];
}
