import { describe, expect, it } from "vitest";
import { EngineMemoryError } from "../../../services/inference/index.ts";
import type { Lane } from "../../../services/inference/llama/lane.ts";
import type { NativeLora } from "../../../services/inference/llama/llama-bindings.ts";
import { loadAdapterLane } from "../../../services/inference/llama/load-lane.ts";
import { Residency } from "../../../services/inference/llama/residency.ts";
import { FakeContext } from "../../support/fake-native.ts";

const never = new AbortController().signal;
const layout = { tokensPerSequence: 64, sequences: 2, batchTokens: 8, threads: 1, flashAttention: true };

/** A graphics processor with room for so many contexts, under a residency that believes in more. */
function card(room: number) {
  let free = room;
  const loras = new Set<string>();
  let contexts = 0;
  let attempts = 0;
  class CardContext extends FakeContext {
    override async dispose(): Promise<void> {
      contexts--;
      await super.dispose();
    }
  }
  const model = {
    loadLora: async (path: string): Promise<NativeLora> => {
      if (path === "broken") throw new Error("shapes differ");
      loras.add(path);
      return { addon: { dispose: async () => {} }, dispose: async () => void loras.delete(path) };
    },
    createContext: async () => {
      attempts++;
      if (contexts >= free) throw new EngineMemoryError(2);
      contexts++;
      return new CardContext();
    },
  };
  let clock = 0;
  const residency: Residency<Lane> = new Residency<Lane>({
    capacity: 8,
    patienceMs: 1_000_000,
    load: (id) => loadAdapterLane(model, layout, { id, path: id }, () => residency.evictIdle()),
    mayWait: () => true,
    nowMs: () => ++clock,
  });
  return {
    residency,
    loras,
    shrinkTo: (contextsLeft: number) => {
      free = contextsLeft;
    },
    visit: async (id: string) => {
      await residency.acquire(id, never);
      residency.release(id);
    },
    get contexts() {
      return contexts;
    },
    get attempts() {
      return attempts;
    },
  };
}

describe("loadAdapterLane", () => {
  it("lets an idle adapter go and tries once more when memory holds fewer than was planned", async () => {
    const small = card(2);
    for (const id of ["a", "b", "a", "c"]) await small.visit(id);
    expect([...small.loras].sort()).toEqual(["a", "c"]);
    expect(small.contexts).toBe(2);
    expect(small.residency.isResident("b")).toBe(false);
    expect(small.residency.evictions).toBe(1);
    expect(small.attempts).toBe(4);
  });

  it("takes nothing from those in use or pinned: it says that memory is full, and leaves nothing behind", async () => {
    const small = card(2);
    await small.residency.acquire("a", never);
    await small.residency.pin("b", never);
    await expect(small.residency.acquire("c", never)).rejects.toMatchObject({
      code: "engine_memory_full",
      status: 503,
      retryAfterS: 2,
    });
    expect([...small.loras].sort()).toEqual(["a", "b"]);
    expect(small.contexts).toBe(2);
    small.residency.release("a");
    await small.visit("c");
    expect([...small.loras].sort()).toEqual(["b", "c"]);
  });

  it("gives up after one more attempt, however many idle adapters there are", async () => {
    const shrinking = card(3);
    for (const id of ["a", "b", "c"]) await shrinking.visit(id);
    shrinking.shrinkTo(1);
    await expect(shrinking.visit("d")).rejects.toBeInstanceOf(EngineMemoryError);
    expect(shrinking.attempts).toBe(5);
    expect([...shrinking.loras].sort()).toEqual(["b", "c"]);
  });

  it("refuses weights that do not fit without making room for them", async () => {
    const small = card(1);
    await small.visit("a");
    await expect(small.visit("broken")).rejects.toMatchObject({ code: "adapter_refused_by_engine" });
    expect([...small.loras]).toEqual(["a"]);
  });
});
