import { describe, expect, it } from "vitest";
import { EngineMemoryError, EngineSaturatedError } from "../../../services/inference/index.ts";
import { Embedder } from "../../../services/inference/llama/embedder.ts";
import type { NativeContext, NativeModel } from "../../../services/inference/llama/llama-bindings.ts";
import { PlaceQueue } from "../../../services/inference/llama/place-queue.ts";
import { FakeContext, fakeModel } from "../../support/fake-native.ts";
import { deferred, settle } from "../../support/macrotask.ts";

/** An embedder beside others who wait: `others` counts for the limit as it does in the engine. */
function house(options: { queueLimit?: number; queueTimeoutMs?: number; memoryFaults?: number } = {}) {
  const context = new FakeContext();
  const rooms: string[] = [];
  const state = { others: 0, faults: options.memoryFaults ?? 0, idle: 1 };
  const createContext = async (): Promise<NativeContext> => {
    rooms.push("asked");
    if (state.faults-- > 0) throw new EngineMemoryError(2);
    return context;
  };
  const places: PlaceQueue = new PlaceQueue(() => places.waiting + state.others < (options.queueLimit ?? 8));
  const model = {
    ...fakeModel,
    tokenize: (text: string) => [...text].map((letter) => letter.codePointAt(0) ?? 0),
    withBeginning: (tokens: number[]) => tokens,
    createContext,
  } as unknown as NativeModel;
  const embedder = new Embedder({
    model,
    contextSize: 16,
    threads: 1,
    flashAttention: true,
    exclusively: (work) => work(),
    places,
    queueTimeoutMs: options.queueTimeoutMs ?? 600_000,
    makeRoom: async () => {
      rooms.push("made");
      return state.idle-- > 0;
    },
  });
  return { embedder, context, places, state, rooms };
}

describe("Embedder", () => {
  it("computes one text at a time, in the order they came", async () => {
    const { embedder, context, places } = house();
    const texts = ["bir", "iki", "üç", "dört"];
    const vectors = await Promise.all(texts.map((text) => embedder.embed(text, undefined)));
    expect(vectors.map(({ tokens }) => tokens)).toEqual([3, 3, 2, 4]);
    expect(context.steps.map(([item]) => String.fromCodePoint(...(item?.tokens ?? [])))).toEqual(texts);
    expect(context.violations).toEqual([]);
    expect(places.waiting).toBe(0);
  });

  it("refuses at once when as many wait as may, and serves those who do", async () => {
    const { embedder, context, places } = house({ queueLimit: 2 });
    const gate = deferred();
    context.beforeDecode = () => gate.promise;
    const served = ["a", "b", "c"].map((text) => embedder.embed(text, undefined));
    await settle();
    expect(places.waiting).toBe(2);
    await expect(embedder.embed("d", undefined)).rejects.toBeInstanceOf(EngineSaturatedError);
    gate.resolve();
    expect(await Promise.all(served)).toHaveLength(3);
  });

  it("counts those who wait for a reply, and computes what need not wait all the same", async () => {
    const { embedder, context, state } = house({ queueLimit: 2 });
    state.others = 2;
    const gate = deferred();
    context.beforeDecode = () => gate.promise;
    const first = embedder.embed("a", undefined);
    await settle();
    await expect(embedder.embed("b", undefined)).rejects.toMatchObject({ code: "engine_saturated", status: 503 });
    gate.resolve();
    expect((await first).tokens).toBe(1);
  });

  it("says that it is saturated when a text's turn does not come in time", async () => {
    const { embedder, context } = house({ queueTimeoutMs: 5 });
    const gate = deferred();
    context.beforeDecode = () => gate.promise;
    const first = embedder.embed("a", undefined);
    await expect(embedder.embed("b", undefined)).rejects.toBeInstanceOf(EngineSaturatedError);
    gate.resolve();
    await first;
  });

  it("computes nothing for those who left while they waited", async () => {
    const { embedder, context, places } = house();
    const gate = deferred();
    context.beforeDecode = () => gate.promise;
    const first = embedder.embed("a", undefined);
    const leaving = new AbortController();
    const left = embedder.embed("b", leaving.signal);
    const last = embedder.embed("c", undefined);
    await settle();
    leaving.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    gate.resolve();
    await Promise.all([first, last]);
    expect(context.steps).toHaveLength(2);
    expect(places.waiting).toBe(0);
  });

  it("lets the next text have its turn when one has failed", async () => {
    const { embedder, context } = house();
    context.beforeDecode = async () => {
      if (context.steps.length === 1) throw new Error("native failure");
    };
    const [failed, done] = await Promise.allSettled([embedder.embed("a", undefined), embedder.embed("b", undefined)]);
    expect(failed).toMatchObject({ status: "rejected", reason: { message: "native failure" } });
    expect(done.status).toBe("fulfilled");
  });

  it("has room made once when there is no memory for its context, and then asks again", async () => {
    const { embedder, rooms } = house({ memoryFaults: 1 });
    expect((await embedder.embed("a", undefined)).tokens).toBe(1);
    expect(rooms).toEqual(["asked", "made", "asked"]);
  });

  it("says by name that memory is full, and tries again for the next text", async () => {
    const { embedder, state } = house({ memoryFaults: 2 });
    await expect(embedder.embed("a", undefined)).rejects.toMatchObject({ code: "engine_memory_full", status: 503 });
    state.idle = 0;
    expect((await embedder.embed("b", undefined)).tokens).toBe(1);
  });

  it("opens nothing for those who still wait when it is closed", async () => {
    const { embedder, rooms } = house();
    await embedder.close();
    await expect(embedder.embed("a", undefined)).rejects.toMatchObject({ code: "engine_unavailable" });
    expect(rooms).toEqual([]);
  });
});
