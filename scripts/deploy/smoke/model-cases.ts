import type { Answer } from "../../lib/ask-https.ts";
import { expect, type Sent, type SmokeCase, type SmokeWorld } from "./world.ts";

/** Models, adapters, sectors, routing; what the platform says of itself. */
export const modelCases: readonly SmokeCase[] = [
  ...["/health", "/health/live", "/health/ready", "/health/startup"].map((path) => ({
    endpoint: `GET ${path}`,
    run: async (world: SmokeWorld) => (await world.json("GET", path, { key: null })).status,
  })),
  {
    endpoint: "GET /v1/models",
    run: async (world) => {
      const { data } = await world.json("GET", "/v1/models");
      expect(data?.length > 0, "en az bir model");
      world.keep("model", data[0].id);
      return `${data.length} model`;
    },
  },
  {
    endpoint: "GET /v1/models/{id}",
    run: async (world) => {
      const id = world.kept("model");
      const model = await world.json("GET", `/v1/models/${encodeURIComponent(id)}`);
      expect(model.id === id, `id: ${id}`);
      return id;
    },
  },
  {
    endpoint: "GET /v1/adapters",
    run: async (world) => {
      const reply = await world.json("GET", "/v1/adapters");
      expect(Array.isArray(reply.data ?? reply.adapters), "adaptör listesi");
      return `${(reply.data ?? reply.adapters).length} adaptör`;
    },
  },
  {
    endpoint: "GET /lora-adapters",
    run: async (world) => {
      const list = await world.json("GET", "/lora-adapters");
      expect(Array.isArray(list), "liste");
      return `${list.length} adaptör`;
    },
  },
  {
    endpoint: "POST /tokenize",
    run: async (world) => {
      const { tokens } = await world.json("POST", "/tokenize", { json: { content: "İyi günler" } });
      expect(tokens?.length > 0, "belirteçler");
      return `${tokens.length} belirteç`;
    },
  },
  ...["/classify", "/v1/classify"].map((path) => ({
    endpoint: `POST ${path}`,
    run: async (world: SmokeWorld) => {
      const reply = await world.json("POST", path, { json: { text: "Ev internetim çok yavaş." } });
      expect(JSON.stringify(reply).includes("telecommunications"), "telecommunications");
      return "telecommunications";
    },
  })),
  ...["/sectors", "/v1/sectors"].map((path) => ({
    endpoint: `GET ${path}`,
    run: async (world: SmokeWorld) => {
      const reply = await world.json("GET", path);
      const list = Array.isArray(reply) ? reply : (reply.data ?? reply.sectors);
      expect(list?.length > 0, "sektörler");
      return `${list.length} sektör`;
    },
  })),
];

/** Late: a training takes all the cores there are. */
export const sectorCases: readonly SmokeCase[] = [
  {
    endpoint: "POST /v1/sectors",
    run: async (world) => {
      const id = world.keep("sector", world.name.replace("-", "_"));
      const examples = Array.from(
        { length: 12 },
        (_, n) => `Gözlük camımın ${n + 1}. numarası değişti, optikte yeniden ölçüm ister misiniz?`,
      );
      const json = { id, name: { tr: "Duman testi" }, examples: [...examples, ...moreExamples], force: true };
      await askSector(world, "POST", "/v1/sectors?wait=true", { json, status: 201, limitMs: trainingLimitMs });
      return id;
    },
  },
  {
    endpoint: "GET /v1/sectors/{id}",
    run: async (world) => {
      const { text } = await askSector(world, "GET", `/v1/sectors/${world.kept("sector")}`);
      const { status } = JSON.parse(text);
      expect(status === "live", "status: live");
      return status;
    },
  },
  {
    endpoint: "POST /v1/sectors/{id}/examples",
    run: async (world) => {
      const json = { examples: ["Güneş gözlüğümün vidası düştü, tamir eder misiniz?"], force: true };
      // Not waited for: it is deleted next, and that ends the training.
      await askSector(world, "POST", `/v1/sectors/${world.kept("sector")}/examples`, { json, status: 202 });
      return "örnek eklendi";
    },
  },
  {
    endpoint: "DELETE /v1/sectors/{id}",
    run: async (world) => {
      const path = `/v1/sectors/${world.kept("sector")}`;
      await askSector(world, "DELETE", path);
      await askSector(world, "GET", path, { status: 404 });
      return "silindi";
    },
  },
];

const trainingLimitMs = 240_000;

const moreExamples = [
  "Progresif cam fiyatı ne kadar?",
  "Gözlük reçetemi optisyene nasıl iletirim?",
  "Lens solüsyonu bitti, hangi marka uygun?",
  "Çerçevem kırıldı, garanti kapsamında mı?",
  "Astigmat için toplayıcı lens var mı?",
  "Mavi ışık filtreli cam göz yorgunluğunu azaltır mı?",
  "Gözlük sapım gevşedi, ayarlatabilir miyim?",
  "Aylık lensleri kaç gün takabilirim?",
  "Çocuğuma kırılmaz cam önerir misiniz?",
  "Göz muayenesi için randevu gerekiyor mu?",
  "Polarize güneş gözlüğü modelleri neler?",
  "Renkli lens numaralı oluyor mu?",
  "Gözlük camım çizildi, değişimi ne tutar?",
  "Optik mağazanız pazar günü açık mı?",
  "Cam kalınlığını inceltme ücreti nedir?",
  "Katarakt ameliyatı sonrası gözlük numaram değişir mi?",
  "Kelebek model çerçeve var mı?",
  "SGK gözlük katkı payı ne kadar?",
];

/**
 * Sectors that are added at run time belong to the gateway that added them. Where one can be reached by itself, it is asked throughout;
 * else the public door leads to it sooner or later.
 */
async function askSector(world: SmokeWorld, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  const [url] = world.target.gateways;
  const how = { key: world.target.apiKey, ...sent, ...(url === undefined ? {} : { url }) };
  for (let tries = 1; ; tries++) {
    try {
      return await world.ask(method, path, how);
    } catch (failure) {
      if (url !== undefined || tries === 20 || !/yerine 404 döndü/.test(String(failure))) throw failure;
    }
  }
}
