import { describe, expect, it } from "vitest";
import { planStep } from "../../../services/inference/llama/step-planner.ts";
import { seededRandom } from "../../support/seeded-random.ts";

interface TestGeneration {
  name: string;
  pendingPrompt: number;
  arrival: number;
  lastStep: number;
}
interface TestLane {
  name: string;
  generations: TestGeneration[];
  lastStep: number;
}

const limits = { batchTokens: 16, prefillStreak: 3 };
let arrivals = 0;
const prompt = (tokens: number, arrival = arrivals++): TestGeneration => ({
  name: `p${arrival}`,
  pendingPrompt: tokens,
  arrival,
  lastStep: 0,
});
const reader = (lastStep = 0): TestGeneration => ({ name: "r", pendingPrompt: 0, arrival: arrivals++, lastStep });
const lane = (name: string, generations: TestGeneration[], lastStep = 0): TestLane => ({ name, generations, lastStep });
const plan = (lanes: TestLane[], streak = 0, of = limits) => planStep<TestGeneration, TestLane>(lanes, streak, of);

describe("the step planner", () => {
  it("plans nothing when there is nothing to do", () => {
    expect(plan([])).toBeUndefined();
    expect(plan([lane("a", [])])).toBeUndefined();
  });

  it("computes prompts before it goes on with replies", () => {
    const step = plan([lane("a", [reader()]), lane("b", [prompt(5)])]);
    expect(step?.lane.name).toBe("b");
    expect(step?.purpose).toBe("prefill");
  });

  it("serves the earliest prompt first", () => {
    const early = prompt(5);
    const late = prompt(5);
    expect(plan([lane("a", [late]), lane("b", [early])])?.lane.name).toBe("b");
  });

  it("takes along whatever the same context has to do anyway", () => {
    const readers = [reader(), reader()];
    const prompts = [prompt(3), prompt(4)];
    const step = plan([lane("a", [...readers, ...prompts])]);
    expect(step?.decoding).toHaveLength(2);
    expect(step?.prefills.map(({ tokens }) => tokens)).toEqual([3, 4]);
  });

  it("never mixes two contexts in one step", () => {
    const step = plan([lane("a", [prompt(3)]), lane("b", [prompt(3), reader()])]);
    expect([...(step?.decoding ?? []), ...(step?.prefills ?? []).map(({ generation }) => generation)]).toHaveLength(1);
  });

  it("owes readers a step after so many steps in a row for prompts", () => {
    const lanes = [lane("a", [prompt(500)]), lane("b", [reader()])];
    expect(plan(lanes, 2)?.lane.name).toBe("a");
    expect(plan(lanes, 3)?.lane.name).toBe("b");
  });

  it("serves the context that decoded longest ago", () => {
    expect(plan([lane("a", [reader()], 7), lane("b", [reader()], 4), lane("c", [reader()], 9)])?.lane.name).toBe("b");
  });

  it("splits a long prompt into batches and shares a batch between prompts in order of arrival", () => {
    const first = prompt(10);
    const second = prompt(10);
    const step = plan([lane("a", [second, first])]);
    expect(step?.prefills.map(({ generation, tokens }) => [generation, tokens])).toEqual([
      [first, 10],
      [second, 6],
    ]);
  });

  it("lets more readers than a batch holds take turns", () => {
    const readers = Array.from({ length: 6 }, (_, i) => reader(i));
    const step = plan([lane("a", readers)], 0, { batchTokens: 4, prefillStreak: 3 });
    expect(step?.decoding).toEqual(readers.slice(0, 4));
  });

  it("leaves a token's room for a prompt even when readers fill the batch", () => {
    const step = plan([lane("a", [...Array.from({ length: 8 }, () => reader()), prompt(5)])], 0, {
      batchTokens: 4,
      prefillStreak: 3,
    });
    expect(step?.decoding).toHaveLength(3);
    expect(step?.prefills.map(({ tokens }) => tokens)).toEqual([1]);
  });

  it("starves nobody and never exceeds the batch, whatever the load", () => {
    const faults: string[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed);
      const of = { batchTokens: 2 + Math.floor(random() * 20), prefillStreak: 1 + Math.floor(random() * 6) };
      const lanes = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, i) => lane(`l${i}`, []));
      const patience = new Map<TestGeneration, number>();
      let streak = 0;
      for (let step = 1; step <= 600; step++) {
        for (const some of lanes) {
          // New prompts keep coming all the time: that is what starves readers under a careless plan.
          if (some.generations.length < 12 && random() < 0.25)
            some.generations.push(prompt(1 + Math.floor(random() * 40)));
        }
        const chosen = plan(lanes, streak, of);
        if (chosen === undefined) continue;
        chosen.lane.lastStep = step;
        streak = chosen.purpose === "decode" ? 0 : streak + 1;
        const tokens = chosen.decoding.length + chosen.prefills.reduce((sum, prefill) => sum + prefill.tokens, 0);
        if (tokens < 1 || tokens > of.batchTokens)
          faults.push(`seed ${seed}: ${tokens} tokens in a batch of ${of.batchTokens}`);
        for (const generation of chosen.decoding) {
          if (generation.pendingPrompt > 0) faults.push(`seed ${seed}: decoded before its prompt was computed`);
          generation.lastStep = step;
          patience.set(generation, step);
          if (random() < 0.1) chosen.lane.generations.splice(chosen.lane.generations.indexOf(generation), 1);
        }
        for (const { generation, tokens: count } of chosen.prefills) {
          if (count > generation.pendingPrompt) faults.push(`seed ${seed}: more prompt than there is`);
          generation.pendingPrompt -= count;
          generation.lastStep = step;
          if (generation.pendingPrompt === 0) patience.set(generation, step);
        }
        // A round serves every lane once every streak + 1 steps; a lane of 12 needs 12 / (batch − 1) rounds at most.
        const longest = (of.prefillStreak + 1) * lanes.length * (Math.ceil(12 / Math.max(1, of.batchTokens - 1)) + 1);
        for (const some of lanes) {
          for (const generation of some.generations) {
            const waited = step - (patience.get(generation) ?? step);
            if (generation.pendingPrompt === 0 && waited > longest)
              faults.push(`seed ${seed}: a reader waited ${waited} steps`);
          }
        }
      }
    }
    expect(faults).toEqual([]);
  });
});
