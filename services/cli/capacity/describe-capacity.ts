import { count, decimal } from "../turkish-format.ts";
import type { CapacityPlan } from "./plan-capacity.ts";

/** The plan in words, one fact a line. */
export function describeCapacity(plan: CapacityPlan, wantedAdapters: number): string {
  return `${[...memoryLines(plan, wantedAdapters), ...demandLines(plan), ...keptLines(plan)].join("\n")}\n`;
}

function memoryLines({ model, memory }: CapacityPlan, wantedAdapters: number): readonly string[] {
  const { shape } = model;
  const facts = [
    `${shape.layers} katman`,
    `genişlik ${shape.width}`,
    `${shape.keyValueHeads}/${shape.heads} kv başlığı`,
    `bağlam ${count(model.contextTokens)} belirteç`,
  ];
  const lines = [
    `Model                 ${model.source} (${facts.join(", ")})`,
    `Ağırlıklar            ${size(model.bytes)}`,
    `Bir bağlam            ${size(memory.bytesPerContext)}`,
    `Bir adaptör           ${size(model.adapterBytes)} + kendi bağlamı`,
    `/v1/embeddings        ${size(memory.embeddingContextBytes)} (ilk kullanımda)`,
    `Sürecin kendisi       ${size(memory.processBytes)}`,
    `İstenen ${count(wantedAdapters).padEnd(4)} adaptör  ${size(memory.wantedBytes)}`,
  ];
  if (memory.residentAdapters === 0)
    return [...lines, `Bellek                ${size(memory.memoryBytes ?? 0)}: model ve tek bir adaptör bile sığmıyor`];
  if (memory.memoryBytes !== undefined) {
    const fits = `${count(memory.adaptersThatFit ?? 0)} adaptör sığar`;
    const taken = `${count(memory.residentAdapters)} adaptörle ${size(memory.totalBytes)}`;
    lines.push(`Bellek                ${size(memory.memoryBytes)}: ${fits}; ${taken}`);
  }
  return [
    ...lines,
    `Yer                   ${count(memory.places)} yanıt aynı anda`,
    `Ayarlar               SEKTOR_CONTEXT_MEMORY_MIB=${memory.contextMemoryMiB} SEKTOR_MAX_RESIDENT_ADAPTERS=${memory.residentAdapters}`,
    `Motorun diyeceği      ${memory.formula}`,
  ];
}

function demandLines({ demand }: CapacityPlan): readonly string[] {
  if (demand === undefined) return [];
  const places = `yer için ${count(demand.replicasForPlaces)}`;
  return [
    "",
    `İstek                 ${decimal(demand.turnsPerSecond)} ileti/sn, bir yanıt ${decimal(demand.secondsPerReply)} sn sürer`,
    `Aynı anda             ortalama ${decimal(demand.meanReplies)}, yüz anın doksan dokuzunda en çok ${count(demand.places)} yanıt`,
    `Gereken hız           ${count(demand.tokensPerSecond)} belirteç/sn`,
    demand.replicas === undefined || demand.replicasForTokens === undefined
      ? `Motor sayısı          ${places}; hız için bilinmiyor: bir motorunkini sektor benchmark ile ölçüp --replica-tokens-per-second ile verin`
      : `Motor sayısı          ${count(demand.replicas)} (${places}, hız için ${count(demand.replicasForTokens)})`,
  ];
}

function keptLines({ kept }: CapacityPlan): readonly string[] {
  if (kept === undefined) return [];
  return [
    "",
    `Günde                 ${count(kept.turnsPerDay)} ileti`,
    `Postgres              günde ${size(kept.postgresPerDay)} büyür`,
    `Konuşmalar            en çok ${size(kept.sessionsAtOnce)}`,
  ];
}

function size(bytes: number): string {
  return bytes >= 2 ** 30 ? `${decimal(bytes / 2 ** 30)} GiB` : `${decimal(bytes / 2 ** 20)} MiB`;
}
