import { afterEach, describe, expect, it } from "vitest";
import { openTinyEngine, say, type TinyEngine } from "../support/tiny-engine.ts";

const opened: TinyEngine[] = [];
afterEach(async () => {
  for (const { close } of opened.splice(0)) await close();
});

/** Four adapters, of which so many fit. */
async function house(maxResidentAdapters: number): Promise<TinyEngine> {
  const house = await openTinyEngine({ adapters: 4, maxResidentAdapters });
  opened.push(house);
  return house;
}

async function adapters({ engine }: TinyEngine, what: "resident" | "pinned"): Promise<readonly string[]> {
  return (await engine.status()).adapters.filter((adapter) => adapter[what]).map(({ id }) => id);
}

async function visit({ engine }: TinyEngine, ...ids: readonly string[]): Promise<void> {
  for (const adapterId of ids) await say(engine, "merhaba", { adapterId, maxTokens: 1 });
}

describe("pinned adapters", () => {
  it("stay in memory while all others give way to one another", async () => {
    const tiny = await house(2);
    await tiny.engine.pin(["a1@1"]);
    await visit(tiny, "a2@1", "a3@1", "a4@1", "a2@1", "a3@1", "a1@1");
    expect(await adapters(tiny, "resident")).toEqual(["a1@1", "a3@1"]);
    expect((await tiny.engine.status()).activity?.loads).toBe(6);
  });

  it("may be named by sector, and are one adapter however they are named", async () => {
    const tiny = await house(1);
    await tiny.engine.pin(["a1", "a1@1"]);
    expect(await adapters(tiny, "pinned")).toEqual(["a1@1"]);
  });

  it("are refused, all of them, when they are more than fit", async () => {
    const tiny = await house(2);
    await expect(tiny.engine.pin(["a1", "a2", "a3"])).rejects.toMatchObject({
      code: "pins_exceed_memory",
      message: expect.stringContaining("SEKTOR_PINNED"),
    });
    expect(await adapters(tiny, "resident")).toEqual([]);
  });

  it("are told of where they leave no place for the rest", async () => {
    const tiny = await house(2);
    await tiny.engine.pin(["a1"]);
    expect(tiny.warnings).toEqual([]);
    await tiny.engine.pin(["a1", "a2"]);
    expect(tiny.warnings).toEqual([{ facts: { pinned: 2, places: 2 }, event: "pinned-fill-every-place" }]);
  });

  it("are logged and left where they cannot be loaded, and the others are pinned", async () => {
    const tiny = await house(2);
    await tiny.engine.pin(["yok", "a2"]);
    expect(await adapters(tiny, "pinned")).toEqual(["a2@1"]);
    expect(tiny.warnings).toMatchObject([{ facts: { adapter: "yok" }, event: "pin-failed" }]);
  });

  it("stay pinned when their weights are replaced, and no longer once they are unloaded", async () => {
    const tiny = await house(2);
    await tiny.engine.pin(["a1"]);
    await tiny.engine.loadAdapter({ name: "a1@1", path: "a2-v1.gguf", loadInPlace: true });
    await visit(tiny, "a2@1", "a3@1", "a4@1");
    expect(await adapters(tiny, "resident")).toEqual(["a1@1", "a4@1"]);
    await tiny.engine.unloadAdapter("a1@1");
    await tiny.engine.loadAdapter({ name: "a1@1", path: "a1-v1.gguf" });
    expect(await adapters(tiny, "pinned")).toEqual([]);
  });
});
