import { describe, expect, it } from "vitest";
import type { GenerateEvent } from "../../../services/inference/index.ts";
import { ChoicePath } from "../../../services/inference/llama/choice-path.ts";
import { Generation } from "../../../services/inference/llama/generation.ts";
import { Lane } from "../../../services/inference/llama/lane.ts";
import { Scheduler } from "../../../services/inference/llama/scheduler.ts";
import { TextStream } from "../../../services/inference/llama/text-stream.ts";
import type { ThreadPlan } from "../../../services/inference/llama/thread-plan.ts";
import { FakeContext, fakeModel, fakeSampler } from "../../support/fake-native.ts";
import { deferred, settle } from "../../support/macrotask.ts";

const letterA = 97;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const oneCore = { total: 1, perStep: 1, parallelSteps: 1 };

function house(options: { contextSize?: number; batchTokens?: number; threads?: ThreadPlan } = {}) {
  const over: Generation[] = [];
  const scheduler = new Scheduler({
    model: fakeModel,
    limits: { batchTokens: options.batchTokens ?? 8, prefillStreak: 2 },
    threads: options.threads ?? oneCore,
    contextSize: options.contextSize ?? 64,
    log: silent,
    onOver: (_lane, generation) => over.push(generation),
  });
  return { scheduler, over };
}

function newLane(adapterId = "a", sequences = 2): { lane: Lane; context: FakeContext } {
  const context = new FakeContext();
  context.next = (tokens) => letterA + (tokens.length % 26);
  return { lane: new Lane(adapterId, context, undefined, sequences), context };
}

let arrivals = 0;
function newGeneration(
  lane: Lane,
  prompt: readonly number[],
  options: { maxTokens?: number; shifts?: boolean; topLogprobs?: number; path?: ChoicePath } = {},
) {
  const claimed = lane.claimSlot(prompt, true, arrivals);
  if (claimed === undefined) throw new Error("no slot");
  return new Generation({
    prompt,
    cached: claimed.cached,
    slot: claimed.slot,
    sampler: fakeSampler(),
    text: new TextStream((tokens) => String.fromCodePoint(...tokens), []),
    arrival: arrivals++,
    acceptedAtMs: 0,
    maxTokens: options.maxTokens ?? 5,
    shifts: options.shifts ?? true,
    topLogprobs: options.topLogprobs,
    endsGeneration: (token) => token === 0,
    path: options.path,
    isComplete: undefined,
    nowMs: () => 0,
  });
}

async function listen(generation: Generation): Promise<{ text: string; end: GenerateEvent | undefined }> {
  let text = "";
  let end: GenerateEvent | undefined;
  for await (const event of generation.events) {
    if (event.type === "text-delta") text += event.text;
    else end = event;
  }
  return { text, end };
}

const prompt = (length: number): number[] => Array.from({ length }, (_, i) => 1000 + i);

describe("Scheduler", () => {
  it("computes the prompt in batches and then a token a step", async () => {
    const { scheduler, over } = house();
    const { lane, context } = newLane();
    const generation = newGeneration(lane, prompt(20), { maxTokens: 3 });
    scheduler.start(lane, generation);
    const { text, end } = await listen(generation);
    await settle();
    expect(text).toHaveLength(3);
    expect(end).toMatchObject({ reason: "length", usage: { promptTokens: 20, cachedTokens: 0, completionTokens: 3 } });
    expect(context.steps.map((items) => items[0]?.tokens.length)).toEqual([8, 8, 4, 1, 1]);
    expect(context.steps.map((items) => items[0]?.wantLogits)).toEqual([false, false, true, true, true]);
    expect(over).toEqual([generation]);
    expect(context.violations).toEqual([]);
    await scheduler.close();
  });

  it("gives the slot and the sampler back when a reply has ended", async () => {
    const { scheduler } = house();
    const { lane } = newLane();
    const generation = newGeneration(lane, prompt(3));
    scheduler.start(lane, generation);
    await listen(generation);
    await settle();
    expect(generation.slot.busy).toBe(false);
    expect((generation.sampler as ReturnType<typeof fakeSampler>).disposed).toBe(1);
    await scheduler.close();
  });

  it("gives one busy lane every core, and busy lanes a core each at the same time, never more threads than cores", async () => {
    const { scheduler } = house({ threads: { total: 2, perStep: 2, parallelSteps: 2 } });
    const alone = newLane("a");
    const first = newGeneration(alone.lane, prompt(3), { maxTokens: 2 });
    scheduler.start(alone.lane, first);
    await listen(first);
    expect(alone.context.threads).toEqual([2, 2]);

    const lanes = ["b", "c", "d"].map((id) => newLane(id));
    let atWork = 0;
    let most = 0;
    for (const { context } of lanes) {
      context.beforeDecode = async () => {
        atWork += context.threads.at(-1) ?? 0;
        most = Math.max(most, atWork);
        await settle();
        atWork -= context.threads.at(-1) ?? 0;
      };
    }
    const generations = lanes.map(({ lane }) => newGeneration(lane, prompt(3), { maxTokens: 4 }));
    for (const [i, { lane }] of lanes.entries()) scheduler.start(lane, generations[i] as Generation);
    await Promise.all(generations.map(listen));
    expect(most).toBe(2);
    for (const { context } of lanes) {
      expect(context.threads.slice(0, 2)).toEqual([1, 1]);
      expect(context.violations).toEqual([]);
    }
    await scheduler.close();
  });

  it("does not touch a lane's cells while that lane computes, though others do", async () => {
    const { scheduler } = house({ threads: { total: 2, perStep: 1, parallelSteps: 2 } });
    const { lane, context } = newLane();
    const gate = deferred();
    context.beforeDecode = () => gate.promise;
    const generation = newGeneration(lane, prompt(3), { maxTokens: 1 });
    scheduler.start(lane, generation);
    await settle();
    const other = newLane("b").lane;
    const order: string[] = [];
    const here = scheduler.exclusively(async () => order.push("here"), lane);
    await scheduler.exclusively(async () => order.push("elsewhere"), other);
    gate.resolve();
    await here;
    expect(order).toEqual(["elsewhere", "here"]);
    await listen(generation);
    await scheduler.close();
  });

  it("ends with stop when the model ends", async () => {
    const { scheduler } = house();
    const { lane, context } = newLane();
    context.next = (tokens) => (tokens.length < 5 ? letterA : 0);
    const generation = newGeneration(lane, prompt(3), { maxTokens: 50 });
    scheduler.start(lane, generation);
    expect(await listen(generation)).toMatchObject({ text: "aa", end: { reason: "stop" } });
    await scheduler.close();
  });

  it("reuses what a slot holds of the next prompt", async () => {
    const { scheduler } = house();
    const { lane, context } = newLane("a", 1);
    const first = newGeneration(lane, prompt(20), { maxTokens: 1 });
    scheduler.start(lane, first);
    await listen(first);
    await settle();
    const second = newGeneration(lane, [...prompt(18), 7, 7], { maxTokens: 1 });
    scheduler.start(lane, second);
    expect((await listen(second)).end).toMatchObject({ usage: { promptTokens: 20, cachedTokens: 18 } });
    expect(context.violations).toEqual([]);
    await scheduler.close();
  });

  it("runs several replies of one lane in one step", async () => {
    const { scheduler } = house();
    const { lane, context } = newLane();
    const both = [newGeneration(lane, prompt(3)), newGeneration(lane, prompt(3))];
    for (const generation of both) scheduler.start(lane, generation);
    await Promise.all(both.map(listen));
    expect(context.steps.map((items) => items.length)).toContain(2);
    await scheduler.close();
  });

  it("frees the place of a reply that was abandoned, after the step that runs now", async () => {
    const { scheduler, over } = house();
    const { lane, context } = newLane();
    const gate = deferred();
    context.beforeDecode = () => gate.promise;
    const generation = newGeneration(lane, prompt(3));
    scheduler.start(lane, generation);
    await settle();
    generation.fail(new Error("left"));
    scheduler.nudge();
    await settle();
    expect(over).toEqual([]);
    expect(generation.slot.busy).toBe(true);
    gate.resolve();
    await expect(listen(generation)).rejects.toThrow("left");
    await settle();
    expect(over).toEqual([generation]);
    expect(generation.slot.busy).toBe(false);
    await scheduler.close();
  });

  it("fails only the replies of a step that failed, and forgets what their slots held", async () => {
    const { scheduler } = house();
    const bad = newLane("bad");
    const good = newLane("good");
    bad.context.beforeDecode = async () => {
      if (bad.context.steps.length > 1) throw new Error("native failure");
    };
    const failing = newGeneration(bad.lane, prompt(12));
    const fine = newGeneration(good.lane, prompt(12));
    scheduler.start(bad.lane, failing);
    scheduler.start(good.lane, fine);
    const [failed, done] = await Promise.allSettled([listen(failing), listen(fine)]);
    expect(failed).toMatchObject({ status: "rejected", reason: { message: "native failure" } });
    expect(done.status).toBe("fulfilled");
    expect(failing.slot.length).toBe(0);
    expect(bad.context.cells.get(failing.slot.sequence)).toEqual([]);
    await settle();
    bad.context.beforeDecode = async () => {};
    const next = newGeneration(bad.lane, prompt(4));
    scheduler.start(bad.lane, next);
    expect((await listen(next)).text).toHaveLength(5);
    await scheduler.close();
  });

  it("moves the context on when a conversation has filled its cells", async () => {
    const { scheduler } = house({ contextSize: 32 });
    const { lane, context } = newLane();
    const generation = newGeneration(lane, prompt(10), { maxTokens: 96 });
    scheduler.start(lane, generation);
    const { text, end } = await listen(generation);
    expect(text).toHaveLength(96);
    expect(end).toMatchObject({ reason: "length" });
    expect(context.violations).toEqual([]);
    // Eight tokens are kept, half of the other 24 go.
    expect(context.shifts[0]).toEqual({ sequence: 0, from: 20, to: 32, delta: -12 });
    expect(generation.slot.length).toBe(context.cells.get(0)?.length);
    expect(generation.slot.length).toBeLessThanOrEqual(32);
    await scheduler.close();
  });

  it("ends the reply at the end of the context where it may not shift", async () => {
    const { scheduler } = house({ contextSize: 32 });
    const { lane, context } = newLane();
    const generation = newGeneration(lane, prompt(10), { maxTokens: Number.POSITIVE_INFINITY, shifts: false });
    scheduler.start(lane, generation);
    const { text, end } = await listen(generation);
    expect(end).toMatchObject({ reason: "length" });
    expect(text).toHaveLength(23);
    expect(context.shifts).toEqual([]);
    await scheduler.close();
  });

  it("runs exclusive work between two steps, never during one", async () => {
    const { scheduler } = house();
    const { lane, context } = newLane();
    let inStep = false;
    let overlaps = 0;
    context.beforeDecode = async () => {
      inStep = true;
      await settle(1);
      inStep = false;
    };
    const generation = newGeneration(lane, prompt(10), { maxTokens: 20 });
    scheduler.start(lane, generation);
    const listening = listen(generation);
    for (let i = 0; i < 10; i++) {
      await scheduler.exclusively(async () => {
        if (inStep) overlaps++;
        await settle(1);
        if (inStep) overlaps++;
      });
    }
    expect((await listening).text).toHaveLength(20);
    expect(overlaps).toBe(0);
    await scheduler.close();
  });

  it.each([
    { cores: oneCore, what: "one core" },
    { cores: { total: 2, perStep: 1, parallelSteps: 2 }, what: "two cores" },
  ])("gives every busy lane one step between two embeddings, however many wait, on $what", async ({ cores }) => {
    const { scheduler } = house({ threads: cores });
    const lanes = ["a", "b"].map((id) => newLane(id));
    const order: string[] = [];
    for (const { lane, context } of lanes) context.beforeDecode = async () => void order.push(lane.adapterId);
    const generations = lanes.map(({ lane }) => newGeneration(lane, prompt(20), { maxTokens: 10 }));
    for (const [i, { lane }] of lanes.entries()) scheduler.start(lane, generations[i] as Generation);
    let going = true;
    let left = 1000;
    const embedder = async (): Promise<void> => {
      while (going && left-- > 0) await scheduler.exclusively(async () => void order.push("vector"));
    };
    const embedders = Array.from({ length: 4 }, embedder);
    await Promise.all(generations.map(listen));
    going = false;
    await Promise.all(embedders);
    const rounds = order.join(" ").split("vector");
    // Both prompts take three steps and both replies nine more; what comes before the first embedding and after the last word is no round.
    expect(rounds.slice(1, 12).map((round) => round.trim().split(" ").sort().join(" "))).toEqual(
      Array.from({ length: 11 }, () => "a b"),
    );
    for (const { context } of lanes) expect(context.violations).toEqual([]);
    await scheduler.close();
  });

  it("lets an embedding through though replies keep coming", async () => {
    const { scheduler } = house();
    const { lane } = newLane("a", 1);
    let embedded = false;
    let replies = 0;
    const talk = async (): Promise<void> => {
      while (!embedded && replies++ < 100) {
        const generation = newGeneration(lane, prompt(3), { maxTokens: 3 });
        scheduler.start(lane, generation);
        await listen(generation);
        await settle();
      }
    };
    const talking = talk();
    await settle();
    await scheduler.exclusively(async () => {
      embedded = true;
    });
    await talking;
    expect(replies).toBeLessThan(5);
    await scheduler.close();
  });

  it("goes on after exclusive work has failed, even before its first await", async () => {
    const { scheduler } = house();
    await expect(
      scheduler.exclusively(() => {
        throw new Error("at once");
      }),
    ).rejects.toThrow("at once");
    expect(await scheduler.exclusively(async () => 7)).toBe(7);
    await scheduler.close();
  });

  it("gives log-probabilities to those who asked", async () => {
    const { scheduler } = house();
    const { lane } = newLane();
    const generation = newGeneration(lane, prompt(2), { maxTokens: 2, topLogprobs: 3 });
    scheduler.start(lane, generation);
    const counts: number[] = [];
    for await (const event of generation.events) {
      if (event.type === "text-delta") counts.push(event.logprobs?.[0]?.top.length ?? 0);
    }
    expect(counts).toEqual([3, 3]);
    await scheduler.close();
  });

  it("tells everyone that it is closing, and leaves nobody waiting", async () => {
    const { scheduler } = house();
    const { lane, context } = newLane();
    const gate = deferred();
    context.beforeDecode = () => gate.promise;
    const generation = newGeneration(lane, prompt(3));
    scheduler.start(lane, generation);
    await settle();
    const pending = scheduler.exclusively(async () => 1).catch((error: unknown) => error);
    const closed = scheduler.close();
    gate.resolve();
    await closed;
    expect(await pending).toMatchObject({ code: "engine_unavailable" });
    await expect(listen(generation)).rejects.toMatchObject({ code: "engine_unavailable" });
    await expect(scheduler.exclusively(async () => 1)).rejects.toMatchObject({ code: "engine_unavailable" });
    expect(() => scheduler.start(lane, generation)).toThrow(/down/);
  });

  it("serves all lanes in turn", async () => {
    const { scheduler } = house();
    const lanes = ["a", "b", "c"].map((id) => newLane(id));
    const order: string[] = [];
    for (const { lane, context } of lanes) {
      context.beforeDecode = async (items) => {
        if (items[0]?.tokens.length === 1) order.push(lane.adapterId);
      };
    }
    const generations = lanes.map(({ lane }) => ({
      lane,
      generation: newGeneration(lane, prompt(3), { maxTokens: 9 }),
    }));
    for (const { lane, generation } of generations) scheduler.start(lane, generation);
    await Promise.all(generations.map(({ generation }) => listen(generation)));
    // Once all prompts are computed, every three steps serve three lanes.
    const rounds = [order.slice(4, 7), order.slice(7, 10), order.slice(10, 13)];
    expect(rounds.map((round) => new Set(round).size)).toEqual([3, 3, 3]);
    await scheduler.close();
  });
});

describe("a reply held to texts", () => {
  const codes = (text: string): number[] => [...text].map((letter) => letter.codePointAt(0) ?? 0);
  const among = (...texts: readonly string[]) => new ChoicePath(texts.map(codes), [0]);

  it("chooses where the texts part, and computes together what lies between", async () => {
    const { scheduler } = house({ batchTokens: 4 });
    const { lane, context } = newLane();
    context.next = (tokens) => (tokens.length === 3 ? codes("b")[0] : codes("y")[0]) ?? 0;
    const generation = newGeneration(lane, prompt(3), { maxTokens: 50, path: among("ax", "bcdefgx", "bcdefgyz") });
    scheduler.start(lane, generation);
    const { text, end } = await listen(generation);
    expect(text).toBe("bcdefgyz");
    expect(end).toMatchObject({ reason: "stop", usage: { completionTokens: 8 } });
    // The prompt; the six letters up to the parting in two batches; what follows it needs no computing.
    expect(context.steps.map((items) => items[0]?.tokens.length)).toEqual([3, 4, 2]);
    expect(context.steps.map((items) => items[0]?.wantLogits)).toEqual([true, false, true]);
    expect(context.violations).toEqual([]);
    await scheduler.close();
  });

  it("may stop at a text that is the beginning of another", async () => {
    const { scheduler } = house();
    const { lane, context } = newLane();
    context.next = () => 0;
    const generation = newGeneration(lane, prompt(3), { maxTokens: 50, path: among("ab", "abc") });
    scheduler.start(lane, generation);
    expect(await listen(generation)).toMatchObject({ text: "ab", end: { reason: "stop" } });
    await scheduler.close();
  });

  it("is cut at its limit, which a text of just that length meets whole", async () => {
    const { scheduler } = house();
    const { lane } = newLane();
    const cut = newGeneration(lane, prompt(3), { maxTokens: 3, path: among("abcd") });
    const whole = newGeneration(lane, prompt(3), { maxTokens: 4, path: among("abcd") });
    for (const generation of [cut, whole]) scheduler.start(lane, generation);
    expect(await listen(cut)).toMatchObject({ text: "abc", end: { reason: "length", usage: { completionTokens: 3 } } });
    expect(await listen(whole)).toMatchObject({ text: "abcd", end: { reason: "stop" } });
    await scheduler.close();
  });

  it("ends where the context has no room for what must be computed", async () => {
    const { scheduler } = house({ contextSize: 8 });
    const { lane, context } = newLane();
    const generation = newGeneration(lane, prompt(6), { maxTokens: 50, shifts: false, path: among("abcx", "abcy") });
    scheduler.start(lane, generation);
    expect(await listen(generation)).toMatchObject({ text: "abc", end: { reason: "length" } });
    expect(context.steps).toHaveLength(1);
    await scheduler.close();
  });

  it("stands beside free replies in one step", async () => {
    const { scheduler } = house();
    const { lane, context } = newLane();
    const free = newGeneration(lane, prompt(3), { maxTokens: 4 });
    const held = newGeneration(lane, prompt(3), { maxTokens: 50, path: among("abcdx", "abcdy") });
    for (const generation of [free, held]) scheduler.start(lane, generation);
    const [said, one] = await Promise.all([listen(free), listen(held)]);
    expect(said.text).toHaveLength(4);
    expect(one.text).toBe("abcdx");
    expect(context.steps.map((items) => items.map(({ tokens }) => tokens.length))).toEqual([[3, 3], [1, 4], [1], [1]]);
    expect(context.violations).toEqual([]);
    await scheduler.close();
  });
});

describe("Lane", () => {
  it("computes everything anew when the caller wants it so", () => {
    const { lane, context } = newLane("a", 1);
    const claimed = lane.claimSlot(prompt(4), true, 0);
    claimed?.slot.append(prompt(4));
    context.cells.set(0, prompt(4));
    if (claimed !== undefined) claimed.slot.busy = false;
    expect(lane.claimSlot(prompt(6), false, 1)?.cached).toBe(0);
    expect(context.cells.get(0)).toEqual([]);
  });

  it.each([
    [
      "cannot forget a part (recurrent models)",
      (context: FakeContext) => {
        const forget = context.forget.bind(context);
        context.forget = (sequence, from, to) => (from > 0 ? false : forget(sequence, from, to));
      },
    ],
    [
      "has dropped its oldest cells (sliding windows)",
      (context: FakeContext) => {
        context.firstPosition = () => 3;
      },
    ],
  ])("computes everything anew where memory %s", (_, limit) => {
    const { lane, context } = newLane("a", 1);
    const claimed = lane.claimSlot(prompt(8), true, 0);
    claimed?.slot.append(prompt(8));
    context.cells.set(0, prompt(8));
    if (claimed !== undefined) claimed.slot.busy = false;
    limit(context);
    expect(lane.claimSlot([...prompt(6), 1, 2], true, 1)?.cached).toBe(0);
    expect(context.cells.get(0)).toEqual([]);
  });
});
