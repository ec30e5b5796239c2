import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json } from "../support/json.ts";
import { type ServeProcess, startServe } from "../support/serve-process.ts";

/** Trained for real, on the product's own data, beside its 22 sectors: give a slow machine time. */
const trainingLimitMs = 300_000;

let dataFolder: string;
let serve: ServeProcess;
let veterinary: { readonly id: string; readonly examples: readonly string[] };
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "sektor-sector-"));
  veterinary = JSON.parse(await readFile("docs/guides/veterinary.json", "utf8"));
  serve = await startServe({ dataFolder });
});
afterAll(async () => {
  await serve?.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

const ask = (method: string, path: string, body?: object) =>
  fetch(`${serve.url}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
const sectorOf = async (text: string): Promise<string | null> =>
  (await json(ask("POST", "/v1/classify", { text }))).sector;

/** Not among the examples. */
const unseen = ["köpeğim topallıyor", "Kedi tırmığı kuduz yapar mı?", "Yavru kedimin aşıları eksik kaldı"];
const others = [
  ["finance_banking", "Kredi kartı borcumu yapılandırmak istiyorum"],
  ["energy_distribution", "Mahallede elektrik kesildi, ne zaman gelir?"],
  ["healthcare", "Dahiliye polikliniğinden randevu almak istiyorum"],
  ["legal", "İşten çıkarıldım, kıdem tazminatı için dava açabilir miyim?"],
  ["agriculture", "Domates fidelerinin yaprakları sararıyor, ne yapmalıyım?"],
  ["insurance", "Kasko poliçem için hasar dosyası açtırmak istiyorum"],
] as const;

const expectLive = async () => {
  for (const text of unseen) expect(await sectorOf(text), text).toBe("veterinary");
  for (const [sector, text] of others) expect(await sectorOf(text), text).toBe(sector);
};

describe("a sector added to a running gateway", () => {
  it(
    "is live with thirty examples, without a restart and without harm to the others",
    async () => {
      expect(veterinary.examples).toHaveLength(30);
      expect(await sectorOf("köpeğim topallıyor")).not.toBe("veterinary");
      const started = await ask("POST", "/v1/sectors", veterinary);
      expect(started.status).toBe(202);
      // The router that serves goes on serving while the new one is trained.
      expect(await sectorOf(others[0][1])).toBe(others[0][0]);
      expect((await ask("POST", "/v1/sectors", { ...veterinary, id: "second" })).status).toBe(409);
      await serve.nextEvent("sectors-live", trainingLimitMs);
      const state = await json(ask("GET", "/v1/sectors/veterinary"));
      expect(state).toMatchObject({ status: "live", serving: true, examples: 30, error: null });
      const { others: unseenOthers, served } = state.figures;
      expect(unseenOthers.messages).toBeGreaterThan(500);
      expect(unseenOthers.without - unseenOthers.with).toBeLessThanOrEqual(0.005 * unseenOthers.messages);
      expect(served.before - served.after).toBeLessThanOrEqual(0.005 * served.messages);
      await expectLive();
    },
    trainingLimitMs,
  );

  it("is answered from the base model with its own prompt, routed or by name", async () => {
    const body = { message: "Yavru kedimin aşıları eksik kaldı", max_tokens: 4 };
    const { data } = await json(ask("POST", "/api/v1/chat", body));
    expect(data).toMatchObject({ sector: "veterinary", routed_by: "router", adapter: null });
    const messages = [{ role: "user", content: "Merhaba" }];
    const named = await json(ask("POST", "/v1/chat/completions", { model: "veterinary", messages, max_tokens: 4 }));
    expect(named.sector).toBe("veterinary");
  });

  it("is there after a restart, without a new training", async () => {
    await serve.stop();
    serve = await startServe({ dataFolder });
    expect(serve.log.filter((line) => line["event"] === "sectors-live")).toEqual([]);
    expect(await json(ask("GET", "/v1/sectors/veterinary"))).toMatchObject({ status: "live", examples: 30 });
    await expectLive();
  });

  it("is nobody's after its deletion, also after the next restart", async () => {
    expect((await ask("DELETE", "/v1/sectors/veterinary")).status).toBe(200);
    expect(await sectorOf("köpeğim topallıyor")).not.toBe("veterinary");
    await serve.stop();
    serve = await startServe({ dataFolder });
    expect((await ask("GET", "/v1/sectors/veterinary")).status).toBe(404);
    expect((await json(ask("GET", "/v1/sectors"))).data).toHaveLength(22);
  });
});

describe("a gateway without the training data", () => {
  it("serves, and says what is missing when a sector is added", async () => {
    const bare = await startServe({ environment: { SEKTOR_DATASETS: join(dataFolder, "nothing") } });
    try {
      const reply = await fetch(`${bare.url}/v1/sectors?wait=true`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(veterinary),
      });
      expect(reply.status).toBe(503);
      expect((await json(reply)).error.code).toBe("router_data_missing");
    } finally {
      await bare.stop();
    }
  });
});
