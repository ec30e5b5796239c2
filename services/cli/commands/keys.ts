import { InvalidArgumentError } from "commander";
import { type ApiKey, isScope, type MintedApiKey, type Scope, scopes } from "../../access/index.ts";
import { type AddCommand, type CommandContext, interruptible } from "../command-context.ts";
import { ServerUnreachableError } from "../errors.ts";
import { folderKeyDesk, type KeyDesk, serverKeyDesk } from "../key-desk.ts";
import { integerBetween, nameList } from "../option-values.ts";
import { formatTable } from "../table.ts";
import { plainText } from "../turkish-format.ts";

interface CreateOptions {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly sectors?: readonly string[];
  readonly user?: string;
  readonly days?: number;
  readonly json?: boolean;
}

const dayMs = 86_400_000;

/** `sektor keys create | list | rotate | revoke`: at the running server, or in the data folder while it is stopped. */
export const addKeys: AddCommand = (program, context) => {
  const keys = program.command("keys").description("API anahtarları: oluştur, listele, yenile, iptal et");

  keys
    .command("create")
    .description("anahtar oluştur; anahtar yalnız bir kez gösterilir")
    .requiredOption("--name <ad>", "anahtar kimin")
    .option("--scopes <liste>", `yetkiler: ${scopes.join(",")}`, scopeList, ["chat"])
    .option("--sectors <liste>", "kullanabileceği sektörler; verilmezse hepsi", nameList)
    .option("--user <kimlik>", "bütün istekleri bu kullanıcıya sayılır")
    .option("--days <n>", "geçerlilik, gün; verilmezse süresiz", integerBetween(1, 3650))
    .option("--json", "JSON olarak yaz")
    .action(async ({ name, scopes: wanted, sectors, user, days, json }: CreateOptions) => {
      const expiresAt = days === undefined ? null : new Date(Date.now() + days * dayMs);
      const minted = await atDesk(context, (desk) =>
        desk.create({ name, scopes: wanted, sectors: sectors ?? null, userId: user ?? null, expiresAt }),
      );
      showMinted(context, minted, json === true);
    });

  keys
    .command("list")
    .description("anahtarları listele")
    .option("--json", "JSON olarak yaz")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const list = await atDesk(context, (desk) => desk.list());
      if (json === true) context.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
      else if (list.length === 0)
        context.stdout.write("Anahtar yok; sunucu yalnız bu makineden, anahtarsız kullanılır.\n");
      else
        context.stdout.write(
          formatTable(
            columns,
            list.map((key) => rowOf(key, Date.now())),
          ),
        );
    });

  keys
    .command("rotate")
    .description("anahtarı yenile; eskisi bir süre daha geçerli kalır")
    .argument("<kimlik>", "keys list'te görünen kimlik")
    .option("--grace <saat>", "eskisi kaç saat daha geçerli; 0: hemen biter", integerBetween(0, 720), 24)
    .option("--json", "JSON olarak yaz")
    .action(async (id: string, { grace, json }: { readonly grace: number; readonly json?: boolean }) => {
      showMinted(context, await atDesk(context, (desk) => desk.rotate(id, grace * 3600)), json === true);
    });

  keys
    .command("revoke")
    .description("anahtarı iptal et")
    .argument("<kimlik>", "keys list'te görünen kimlik")
    .action(async (id: string) => {
      await atDesk(context, (desk) => desk.revoke(id));
      context.stdout.write(`İptal edildi: ${plainText(id)}\n`);
    });
};

/** A server that was named must answer; otherwise, where none runs, its data folder can be opened. */
async function atDesk<T>(context: CommandContext, work: (desk: KeyDesk) => Promise<T>): Promise<T> {
  const server = context.server();
  return await interruptible(context, async (signal) => {
    try {
      await server.getHealth(signal);
    } catch (fault) {
      if (!(fault instanceof ServerUnreachableError) || context.isServerNamed()) throw fault;
      await using opened = await context.openKeys();
      const { folder } = opened;
      const place =
        folder === undefined ? "veritabanı kullanılıyor" : `veri klasörü kullanılıyor: ${plainText(folder)}`;
      context.stderr.write(`Çalışan sunucu yok; ${place}\n`);
      return await work(folderKeyDesk(opened.keys, opened.sectorIds));
    }
    return await work(serverKeyDesk(server, signal));
  });
}

/** The key alone goes to stdout, so that a script can take it. */
function showMinted({ stdout, stderr }: CommandContext, { key, text }: MintedApiKey, json: boolean): void {
  stdout.write(json ? `${JSON.stringify({ ...key, key: text }, null, 2)}\n` : `${text}\n`);
  stderr.write(
    `[${plainText(`${key.id} · ${key.name} · ${key.scopes.join(", ")}`)}] Bu anahtar bir daha gösterilmez.\n`,
  );
}

const columns = [
  { title: "Kimlik" },
  { title: "Ad" },
  { title: "Yetkiler" },
  { title: "Sektörler" },
  { title: "Kullanıcı" },
  { title: "Durum" },
  { title: "Son kullanım" },
  { title: "Başlangıcı" },
];

function rowOf(key: ApiKey, nowMs: number): string[] {
  return [
    key.id,
    key.name,
    key.scopes.join(", "),
    key.sectors?.join(", ") ?? "hepsi",
    key.userId ?? "–",
    stateOf(key, nowMs),
    key.lastUsedAt === null ? "–" : minute(key.lastUsedAt),
    key.prefixes[0] === undefined ? "–" : `sk-sektor-${key.prefixes[0].prefix}…`,
  ];
}

function stateOf({ revokedAt, expiresAt }: ApiKey, nowMs: number): string {
  if (revokedAt !== null) return "iptal";
  if (expiresAt === null) return "etkin";
  return Date.parse(expiresAt) <= nowMs ? "süresi doldu" : `${minute(expiresAt).slice(0, 10)} gününe dek`;
}

/** `2026-01-31 12:34`, UTC. */
function minute(iso: string): string {
  return iso.slice(0, 16).replace("T", " ");
}

function scopeList(text: string): readonly Scope[] {
  const names = nameList(text);
  const known = names.filter(isScope);
  if (known.length < names.length) throw new InvalidArgumentError(`Yetkiler: ${scopes.join(", ")}.`);
  return known;
}
