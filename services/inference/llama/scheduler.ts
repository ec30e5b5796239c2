import type { Logger } from "../../foundation/index.ts";
import type { TokenLogprob } from "../engine.ts";
import { EngineUnavailableError } from "../errors.ts";
import type { Generation } from "./generation.ts";
import type { Lane } from "./lane.ts";
import type { NativeModel } from "./llama-bindings.ts";
import { type PlannerLimits, planStep, type StepPlan } from "./step-planner.ts";

/**
 * Runs one native step after another, never two at once: on a CPU two decodes would fight for the cores at ggml's barriers.
 * What the next step is, the planner says; this carries it out.
 */
export class Scheduler {
  readonly #model: NativeModel;
  readonly #limits: PlannerLimits;
  readonly #contextSize: number;
  readonly #log: Logger;
  readonly #onOver: (lane: Lane, generation: Generation) => void;
  readonly #lanes = new Set<Lane>();
  readonly #exclusive: { readonly run: () => Promise<void>; readonly refuse: (error: Error) => void }[] = [];
  #step = 0;
  #streak = 0;
  #wake: (() => void) | undefined;
  #closed = false;
  readonly #running: Promise<void>;

  constructor(options: {
    readonly model: NativeModel;
    readonly limits: PlannerLimits;
    /** Tokens one sequence may hold. */
    readonly contextSize: number;
    readonly log: Logger;
    /** Called once for each generation when it has ended, failed or was abandoned. */
    readonly onOver: (lane: Lane, generation: Generation) => void;
  }) {
    this.#model = options.model;
    this.#limits = options.limits;
    this.#contextSize = options.contextSize;
    this.#log = options.log;
    this.#onOver = options.onOver;
    this.#running = this.#loop();
  }

  /** @throws {EngineUnavailableError} it is closing */
  start(lane: Lane, generation: Generation): void {
    if (this.#closed) throw new EngineUnavailableError(2);
    lane.generations.add(generation);
    this.#lanes.add(lane);
    this.#wake?.();
  }

  /** To be called after a generation was ended from outside, so that its place becomes free even when nothing else happens. */
  nudge(): void {
    this.#wake?.();
  }

  /** Runs native work that is not a step (an embedding, cells being freed) between two steps. @throws {EngineUnavailableError} it is closing */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) throw new EngineUnavailableError(2);
      this.#exclusive.push({ run: () => Promise.resolve().then(work).then(resolve, reject), refuse: reject });
      this.#wake?.();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    await this.#running;
  }

  async #loop(): Promise<void> {
    while (!this.#closed) {
      this.#dropFinished();
      const work = this.#exclusive.shift();
      if (work !== undefined) {
        await work.run();
        continue;
      }
      const plan = planStep<Generation, Lane>(this.#lanes, this.#streak, this.#limits);
      if (plan === undefined) await this.#sleep();
      else await this.#carryOut(plan);
    }
    for (const { refuse } of this.#exclusive.splice(0)) refuse(new EngineUnavailableError(2));
    for (const lane of this.#lanes)
      for (const generation of lane.generations) generation.fail(new EngineUnavailableError(2));
    this.#dropFinished();
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#closed || this.#exclusive.length > 0) resolve();
    });
    this.#wake = undefined;
  }

  async #carryOut(plan: StepPlan<Lane, Generation>): Promise<void> {
    const { lane } = plan;
    lane.lastStep = ++this.#step;
    this.#streak = plan.purpose === "decode" ? 0 : this.#streak + 1;
    const planned = [...plan.decoding.map((generation) => ({ generation, tokens: 1 })), ...plan.prefills];
    for (const { generation } of planned) generation.lastStep = this.#step;
    try {
      const work = planned.filter(({ generation }) => this.#makeRoom(lane, generation));
      if (work.length === 0) return;
      const items = work.map(({ generation, tokens }) => ({
        sequence: generation.slot.sequence,
        position: generation.slot.length,
        tokens: generation.tokensForStep(tokens),
        wantLogits: generation.wantsLogits(tokens),
      }));
      const logitIndexes = await lane.context.decode(items);
      for (const [i, { generation }] of work.entries()) generation.stepDone(items[i]?.tokens ?? []);
      await Promise.all(
        work.map(async ({ generation }, i) => {
          const logitIndex = logitIndexes[i] ?? -1;
          if (logitIndex >= 0 && !generation.over) await this.#choose(lane, generation, logitIndex);
        }),
      );
    } catch (failure) {
      this.#log.error({ adapter: lane.adapterId, error: String(failure) }, "step-failed");
      for (const { generation } of planned) {
        generation.slot.keep(0);
        generation.fail(failure);
        lane.context.forget(generation.slot.sequence, 0, -1);
      }
    }
  }

  async #choose(lane: Lane, generation: Generation, logitIndex: number): Promise<void> {
    try {
      const token = await lane.context.sample(logitIndex, generation.sampler);
      if (token < 0) {
        generation.finish("stop");
        return;
      }
      generation.accept(token, await this.#logprobOf(lane, generation, logitIndex, token));
    } catch (failure) {
      generation.fail(failure);
    }
  }

  async #logprobOf(
    lane: Lane,
    generation: Generation,
    logitIndex: number,
    token: number,
  ): Promise<TokenLogprob | undefined> {
    if (generation.topLogprobs === undefined) return undefined;
    const weights = await lane.context.weigh(logitIndex, token, generation.topLogprobs);
    const describe = (id: number, logprob: number) => ({
      token: this.#model.piece(id),
      bytes: this.#model.pieceBytes(id),
      logprob,
    });
    return {
      ...describe(token, weights.logprob),
      top: weights.top.map((entry) => describe(entry.token, entry.logprob)),
    };
  }

  /**
   * Context shift: when a conversation has filled its cells, the older half behind the protected start goes and the rest moves down
   * (llama.cpp's scheme). Answers false when the reply ends here instead.
   */
  #makeRoom(lane: Lane, generation: Generation): boolean {
    const { slot } = generation;
    if (slot.length < this.#contextSize || generation.pendingPrompt > 0) return true;
    if (!generation.shifts) {
      generation.finish("length");
      return false;
    }
    const keep = Math.min(generation.promptTokens, Math.floor(this.#contextSize / 4));
    const discard = Math.floor((slot.length - keep) / 2);
    lane.context.forget(slot.sequence, keep, keep + discard);
    lane.context.shift(slot.sequence, keep + discard, slot.length, -discard);
    slot.cut(keep, discard);
    return true;
  }

  #dropFinished(): void {
    for (const lane of this.#lanes) {
      for (const generation of lane.generations) {
        if (!generation.over) continue;
        lane.generations.delete(generation);
        generation.sampler.dispose();
        generation.slot.busy = false;
        this.#onOver(lane, generation);
      }
      if (lane.generations.size === 0) this.#lanes.delete(lane);
    }
  }
}
