import { describe, expect, it } from "vitest";
import { RouterTrainingFailedError, SectorHarmsOthersError } from "../../../services/routing/live/errors.ts";
import { StorageFullError } from "../../../services/storage/index.ts";
import { createMemorySectorStore } from "../../support/memory-sector-store.ts";
import { examplesOf, harmless, heldRefit, newSector, packedFor, registryWith } from "./parts.ts";

const harmful = { ...harmless, others: { messages: 100, without: 90, with: 80 } };
const ids = ["legal", "energy", "telecommunications"];

/** A registry in which these sectors are live. */
async function withLive(...added: readonly string[]) {
  const opened = registryWith();
  for (const id of added) {
    opened.registry.add(newSector(id));
    await opened.finish();
  }
  return opened;
}

describe("a sector that is added", () => {
  it("is trained first, and live for everybody at once when that is done", async () => {
    const { registry, questions, finish } = registryWith();
    const { sectors, router } = registry;
    expect(registry.add(newSector("vets"))).toMatchObject({ status: "training", serving: false, progress: 0.5 });
    expect(questions).toEqual([
      { builtIn: ids, runTime: [{ id: "vets", examples: examplesOf("vets") }], subject: "vets", force: false },
    ]);
    expect([sectors.byId("vets"), router.classify("vets").sector]).toEqual([undefined, null]);
    await finish();
    expect(sectors.byId("vets")?.name.tr).toBe("vets");
    expect(sectors.all.map(({ id }) => id)).toEqual([...ids, "vets"]);
    expect(router.classify("vets").sector).toBe("vets");
    expect(registry.describe("vets")).toMatchObject({
      status: "live",
      serving: true,
      progress: null,
      examples: 30,
      seconds: 1,
      figures: harmless,
      failure: null,
    });
  });

  it("is compared with the router that serves when it is not the shipped one", async () => {
    const { registry, questions, finish } = await withLive("vets");
    registry.add(newSector("sports"));
    expect(questions.at(-1)).toMatchObject({
      runTime: [{ id: "vets" }, { id: "sports" }],
      subject: "sports",
      serving: packedFor([...ids, "vets"]),
    });
    await finish();
    expect(registry.router.sectors).toEqual([...ids, "vets", "sports"]);
  });

  it("stays out where it harms others, with the reason and the figures kept", async () => {
    const { registry, finish } = registryWith();
    registry.add(newSector("vets"));
    const waiting = registry.settled("vets");
    await Promise.all([expect(waiting).rejects.toThrow(SectorHarmsOthersError), finish({ figures: harmful })]);
    expect(registry.describe("vets")).toMatchObject({ status: "failed", serving: false, figures: harmful });
    expect(registry.describe("vets")?.failure?.code).toBe("sector_harms_others");
    expect([registry.sectors.byId("vets"), registry.router.classify("vets").sector]).toEqual([undefined, null]);
  });

  it("goes live all the same when told to", async () => {
    const { registry, questions, finish } = registryWith();
    registry.add(newSector("vets"), { force: true });
    await finish({ figures: harmful });
    expect(questions[0]?.force).toBe(true);
    expect(registry.describe("vets")).toMatchObject({ status: "live", figures: harmful });
  });

  it("can be sent again after it failed", async () => {
    const { registry, finish } = registryWith();
    registry.add(newSector("vets"));
    await finish(new RouterTrainingFailedError("it took longer than 1 s"));
    expect(registry.describe("vets")?.failure?.code).toBe("router_training_failed");
    registry.add(newSector("vets"));
    await finish();
    expect(registry.describe("vets")).toMatchObject({ status: "live", failure: null });
  });

  it("does not go live where it cannot be kept", async () => {
    const store = { ...createMemorySectorStore(), save: () => Promise.reject(new StorageFullError()) };
    const { registry, finish } = registryWith({ store });
    registry.add(newSector("vets"));
    await finish();
    expect(registry.describe("vets")?.failure?.code).toBe("storage_full");
    expect(registry.router.classify("vets").sector).toBeNull();
  });

  it.each(["legal", "vets"])("is refused when there is a sector %s already", async (id) => {
    const { registry } = await withLive("vets");
    expect(() => registry.add(newSector(id))).toThrow(expect.objectContaining({ code: "sector_exists", status: 409 }));
  });

  it("is refused while another is being trained", () => {
    const { registry } = registryWith();
    registry.add(newSector("vets"));
    const busy = expect.objectContaining({ code: "router_busy", status: 409, retryAfterS: 15 });
    expect(() => registry.add(newSector("sports"))).toThrow(busy);
    expect(() => registry.addExamples("vets", ["yeni"])).toThrow(busy);
  });
});

describe("waiting", () => {
  it("ends with the waiter's signal while the training goes on", async () => {
    const { registry, finish } = registryWith();
    registry.add(newSector("vets"));
    const left = new AbortController();
    const waiting = registry.settled("vets", left.signal);
    left.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    await finish();
    expect(registry.describe("vets")?.status).toBe("live");
  });

  it("for a sector nobody knows is refused", async () => {
    const { registry } = registryWith();
    await expect(registry.settled("vets")).rejects.toMatchObject({ code: "sector_not_found" });
  });
});

describe("more examples", () => {
  it("join those that are there, and the sector serves meanwhile", async () => {
    const { registry, questions, finish } = await withLive("vets");
    const more = ["yepyeni bir soru", "soru0 VETS hakkında"];
    expect(registry.addExamples("vets", more)).toMatchObject({ status: "training", serving: true, examples: 30 });
    expect(questions.at(-1)?.runTime[0]?.examples).toEqual([...examplesOf("vets"), "yepyeni bir soru"]);
    expect(registry.router.classify("vets").sector).toBe("vets");
    await finish();
    expect(registry.describe("vets")).toMatchObject({ status: "live", examples: 31 });
  });

  it("leave everything as it was when they do harm", async () => {
    const { registry, finish } = await withLive("vets");
    registry.addExamples("vets", ["yepyeni bir soru"]);
    await finish({ figures: harmful });
    expect(registry.describe("vets")).toMatchObject({ status: "live", serving: true, examples: 30 });
    expect(registry.describe("vets")?.failure?.code).toBe("sector_harms_others");
    expect(registry.router.classify("vets").sector).toBe("vets");
  });

  it.each([
    ["legal", "sector_built_in"],
    ["yok", "sector_not_found"],
  ])("for %s are refused with %s", (id, code) => {
    const { registry } = registryWith();
    expect(() => registry.addExamples(id, ["yeni"])).toThrow(expect.objectContaining({ code }));
  });
});

describe("a sector that is deleted", () => {
  it("is nobody's from then on, and the shipped router serves again when it was the last", async () => {
    const { registry, parts, questions } = await withLive("vets");
    await registry.remove("vets");
    expect(registry.describe("vets")).toBeUndefined();
    expect(registry.sectors.all.map(({ id }) => id)).toEqual(ids);
    expect(registry.router.sectors).toEqual(ids);
    expect(registry.router.classify("vets").sector).toBeNull();
    expect(parts.store.load()).toEqual([]);
    expect(questions).toHaveLength(1);
  });

  it("is hidden at once beside others, and forgotten by a training of the rest", async () => {
    const { registry, questions, finish } = await withLive("vets", "sports");
    await registry.remove("vets");
    expect(registry.router.classify("vets").sector).toBeNull();
    expect(registry.router.classify("sports").sector).toBe("sports");
    expect(questions.at(-1)).toMatchObject({ runTime: [{ id: "sports" }], force: true });
    expect(questions.at(-1)).not.toHaveProperty("subject");
    await finish();
    expect(registry.router.sectors).toEqual([...ids, "sports"]);
    expect(registry.describe("sports")?.status).toBe("live");
  });

  it("stops its own training", async () => {
    const { registry, questions } = registryWith();
    registry.add(newSector("vets"));
    const waiting = registry.settled("vets");
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: "router_training_failed" }),
      registry.remove("vets"),
    ]);
    expect(registry.describe("vets")).toBeUndefined();
    registry.add(newSector("sports"));
    expect(questions).toHaveLength(2);
  });

  it.each([
    ["legal", "sector_built_in"],
    ["yok", "sector_not_found"],
    ["vets", "router_busy"],
  ])("%s: refused with %s while another is trained", async (id, code) => {
    const { registry } = await withLive("vets");
    registry.add(newSector("sports"));
    await expect(registry.remove(id)).rejects.toMatchObject({ code });
  });
});

describe("a restart", () => {
  it("keeps the sectors live without a training", async () => {
    const { parts } = await withLive("vets", "sports");
    const again = heldRefit();
    const { registry } = registryWith({ store: parts.store, refit: again.refit });
    expect(registry.router.classify("vets").sector).toBe("vets");
    expect(registry.describe("sports")).toMatchObject({ status: "live", examples: 30, figures: harmless });
    expect(again.questions).toEqual([]);
  });

  it("with another shipped router trains anew, and answers for the sector by name meanwhile", async () => {
    const { parts } = await withLive("vets");
    const { registry, questions, finish } = registryWith({ store: parts.store, shippedKey: "newer" });
    expect(questions).toMatchObject([{ runTime: [{ id: "vets" }], force: true }]);
    expect(registry.describe("vets")).toMatchObject({ status: "training", serving: false });
    expect(registry.sectors.byId("vets")).toBeDefined();
    expect(registry.router.classify("vets").sector).toBeNull();
    await finish();
    expect(registry.router.classify("vets").sector).toBe("vets");
    expect(registry.describe("vets")?.status).toBe("live");
  });

  it("with weights that cannot be read trains anew", async () => {
    const { parts } = await withLive("vets");
    const openRouter = () => {
      throw new Error("damaged");
    };
    const { registry, questions } = registryWith({ store: parts.store, openRouter });
    expect(questions).toHaveLength(1);
    expect(registry.router.classify("legal").sector).toBe("legal");
  });

  it("leaves a sector aside that the product has itself by now", async () => {
    const { parts } = await withLive("vets");
    const all = [...ids, "vets"].map((id) => ({ id, name: { tr: id, en: id }, systemPrompt: "yeni" }));
    const builtIn = { all, byId: (id: string) => all.find((one) => one.id === id), fallbackSystemPrompt: "" };
    const { registry, questions } = registryWith({ store: parts.store, builtIn });
    expect(registry.describe("vets")).toMatchObject({ builtIn: true, sector: { systemPrompt: "yeni" } });
    expect(registry.sectors.all).toHaveLength(4);
    expect(questions).toEqual([]);
  });
});

describe("closing", () => {
  it("stops the training and starts no other", async () => {
    const { registry } = registryWith();
    registry.add(newSector("vets"));
    await registry[Symbol.asyncDispose]();
    expect(registry.describe("vets")?.failure?.code).toBe("router_training_failed");
    expect(() => registry.add(newSector("sports"))).toThrow(expect.objectContaining({ code: "router_busy" }));
  });
});
