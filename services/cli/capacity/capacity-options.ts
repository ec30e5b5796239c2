import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { integerBetween, numberBetween } from "../option-values.ts";
import { bitsPerWeight } from "./quantisations.ts";

/** What `sektor capacity` is asked, as commander hands it over. */
export interface CapacityOptions {
  readonly model?: string;
  readonly layers?: number;
  readonly width?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headSize?: number;
  readonly feedForward?: number;
  readonly vocabulary?: number;
  readonly tied?: boolean;
  readonly quantisation: string;
  readonly context: number;
  readonly sequences: number;
  readonly adapters: number;
  readonly adapterRank: number;
  readonly batch: number;
  readonly flashAttention: boolean;
  readonly memory?: number;
  readonly users?: number;
  readonly turnsPerHour: number;
  readonly replyTokens: number;
  readonly tokensPerSecond: number;
  readonly replicaTokensPerSecond?: number;
  readonly busyHours: number;
  readonly turnsPerSession: number;
  readonly messageBytes: number;
  readonly replyBytes: number;
  readonly feedbackShare: number;
  readonly keepMessages?: boolean;
  readonly sessions: "redis" | "postgres";
  readonly json?: boolean;
}

/** What the settings say where no option does. */
export interface CapacityDefaults {
  readonly context: number;
  readonly sequences: number;
  readonly adapters: number;
  readonly batch: number;
  readonly replyTokens: number;
}

export function addCapacityOptions(command: Command, defaults: CapacityDefaults): Command {
  const count = integerBetween(1, 1_000_000_000);
  return command
    .option("--model <dosya>", "temel modelin GGUF dosyası; başlığı okunur")
    .option("--layers <n>", "dosya yoksa: katman sayısı", count)
    .option("--width <n>", "dosya yoksa: gömme genişliği", count)
    .option("--heads <n>", "dosya yoksa: dikkat başlığı sayısı", count)
    .option("--kv-heads <n>", "dosya yoksa: anahtar-değer başlığı sayısı (verilmezse --heads)", count)
    .option("--head-size <n>", "dosya yoksa: bir başlığın boyu (verilmezse genişlik / başlık)", count)
    .option("--feed-forward <n>", "dosya yoksa: ileri besleme genişliği", count)
    .option("--vocabulary <n>", "dosya yoksa: sözcük dağarcığı", count)
    .option("--tied", "dosya yoksa: çıkış katmanı gömmeyle aynı ağırlıkları kullanır")
    .option("--quantisation <tür>", `dosya yoksa: ${Object.keys(bitsPerWeight).join(", ")}`, quantisation, "Q4_K_M")
    .option(
      "--context <belirteç>",
      "bir konuşmanın belirteçleri; 0: modelin eğitildiği kadar, en çok 8192",
      integerBetween(0, 1_048_576),
      defaults.context,
    )
    .option("--sequences <n>", "adaptör başına aynı anda konuşma", integerBetween(1, 64), defaults.sequences)
    .option("--adapters <n>", "aynı anda bellekte olması istenen adaptör", integerBetween(1, 1024), defaults.adapters)
    .option("--adapter-rank <r>", "adaptörlerin LoRA rank'i", integerBetween(1, 256), 16)
    .option("--batch <belirteç>", "bir adımda hesaplanan belirteç", integerBetween(8, 8192), defaults.batch)
    .option("--no-flash-attention", "flash attention kapalıysa")
    .option("--memory <boyut>", "model sürecinin belleği (RAM ya da ekran kartı): 16GiB, 800MiB", bytes)
    .option("--users <n>", "en yoğun saatte konuşan kişi", count)
    .option("--turns-per-hour <n>", "o saatte bir kişinin iletisi", numberBetween(0.01, 3600), 6)
    .option("--reply-tokens <n>", "bir yanıtın belirteçleri", count, defaults.replyTokens)
    .option("--tokens-per-second <n>", "okuyan bir kişiye saniyede akacak belirteç", numberBetween(0.1, 10_000), 10)
    .option(
      "--replica-tokens-per-second <n>",
      "bir motorun toplamda ürettiği, ölçülmüş belirteç/sn (sektor benchmark)",
      numberBetween(0.1, 1_000_000),
    )
    .option("--busy-hours <n>", "bir gün, en yoğun saatin kaç katı", numberBetween(0.1, 24), 8)
    .option("--turns-per-session <n>", "bir konuşmadaki ileti", numberBetween(1, 10_000), 5)
    .option("--message-bytes <n>", "bir iletinin UTF-8 boyu", count, 100)
    .option("--reply-bytes <n>", "bir yanıtın UTF-8 boyu", count, 500)
    .option("--feedback-share <p>", "puanlanan yanıtların payı", numberBetween(0, 1), 0.05)
    .option("--keep-messages", "istek günlüğü söylenenleri de saklıyorsa")
    .option("--sessions <yer>", "konuşmaların yeri: redis ya da postgres", sessionStore, "redis")
    .option("--json", "JSON olarak yaz");
}

function quantisation(text: string): string {
  if (text.toUpperCase() in bitsPerWeight) return text.toUpperCase();
  throw new InvalidArgumentError(`Şunlardan biri: ${Object.keys(bitsPerWeight).join(", ")}.`);
}

function sessionStore(text: string): string {
  if (text === "redis" || text === "postgres") return text;
  throw new InvalidArgumentError("redis ya da postgres yazın.");
}

const units: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30, MB: 1e6, GB: 1e9 };

function bytes(text: string): number {
  const [, number, unit] = /^(\d+(?:[.,]\d+)?) ?(MiB|GiB|MB|GB)$/.exec(text) ?? [];
  const factor = units[unit ?? ""];
  if (number === undefined || factor === undefined) throw new InvalidArgumentError("16GiB ya da 800MiB gibi yazın.");
  return Math.floor(Number(number.replace(",", ".")) * factor);
}
