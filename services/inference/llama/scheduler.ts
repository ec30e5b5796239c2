import type { Logger } from "../../foundation/index.ts";
import { EngineUnavailableError } from "../errors.ts";
import type { Generation } from "./generation.ts";
import type { Lane } from "./lane.ts";
import type { NativeModel } from "./llama-bindings.ts";
import { type PlannerLimits, planStep, type StepPlan } from "./step-planner.ts";
import { StepRunner } from "./step-runner.ts";
import type { ThreadPlan } from "./thread-plan.ts";

interface Exclusive {
  /** Only this lane has to rest; undefined: all must. */
  readonly lane: Lane | undefined;
  readonly run: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}

/**
 * Says who computes next, on how many cores. The planner chooses the steps; lanes that have work at the same time share the cores, a step
 * each, because two contexts on a core of their own are faster than two cores that wait for each other at ggml's barriers after every
 * operation. Never are there more threads at work than cores, and never two steps on one lane. Work that wants all lanes at rest takes turns
 * with them: between two such works every lane that was busy gets a step, and no lane gets two.
 */
export class Scheduler {
  readonly #runner: StepRunner;
  readonly #limits: PlannerLimits;
  readonly #threads: ThreadPlan;
  readonly #onOver: (lane: Lane, generation: Generation) => void;
  readonly #onStep: ((sequences: number) => void) | undefined;
  readonly #lanes = new Set<Lane>();
  readonly #stepping = new Map<Lane, Promise<void>>();
  readonly #exclusive: Exclusive[] = [];
  /** Lanes that have a step to come before the next work that wants all of them at rest. */
  readonly #owed = new Set<Lane>();
  #threadsInUse = 0;
  #step = 0;
  #streak = 0;
  #wake: (() => void) | undefined;
  #closed = false;
  readonly #running: Promise<void>;

  constructor(options: {
    readonly model: NativeModel;
    readonly limits: PlannerLimits;
    readonly threads: ThreadPlan;
    /** Tokens one sequence may hold. */
    readonly contextSize: number;
    readonly log: Logger;
    /** Called once for each generation when it has ended, failed or was abandoned. */
    readonly onOver: (lane: Lane, generation: Generation) => void;
    /** Called as a step begins. */
    readonly onStep?: ((sequences: number) => void) | undefined;
  }) {
    this.#runner = new StepRunner(options.model, options.contextSize, options.log);
    this.#limits = options.limits;
    this.#threads = options.threads;
    this.#onOver = options.onOver;
    this.#onStep = options.onStep;
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

  /**
   * Runs native work that is not a step (an embedding, cells being freed) while `lane` rests, or every lane where none is named.
   * @throws {EngineUnavailableError} it is closing
   */
  exclusively<T>(work: () => Promise<T>, lane?: Lane): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) throw new EngineUnavailableError(2);
      this.#exclusive.push({ lane, run: () => Promise.resolve().then(work).then(resolve, reject), refuse: reject });
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
      const work = this.#takeExclusive();
      if (work !== undefined) {
        await work.run();
        if (work.lane === undefined) for (const lane of this.#lanes) this.#owed.add(lane);
        continue;
      }
      const plan = this.#planNext();
      if (plan === undefined) await this.#sleep();
      else this.#launch(plan);
    }
    await Promise.all(this.#stepping.values());
    for (const { refuse } of this.#exclusive.splice(0)) refuse(new EngineUnavailableError(2));
    for (const lane of this.#lanes)
      for (const generation of lane.generations) generation.fail(new EngineUnavailableError(2));
    this.#dropFinished();
  }

  /** Everything that may have changed wakes; nothing happens between the last look and this. */
  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #takeExclusive(): Exclusive | undefined {
    const at = this.#exclusive.findIndex(({ lane }) =>
      lane === undefined ? this.#stepping.size === 0 && this.#owed.size === 0 : !this.#stepping.has(lane),
    );
    return at < 0 ? undefined : this.#exclusive.splice(at, 1)[0];
  }

  #planNext(): StepPlan<Lane, Generation> | undefined {
    const full = this.#stepping.size >= this.#threads.parallelSteps || this.#threadsInUse >= this.#threads.total;
    if (full) return undefined;
    const waited = new Set(this.#exclusive.map(({ lane }) => lane));
    // Work that needs every lane at rest would never come to its turn if new steps went on starting, nor would they if it kept coming.
    const inTurn = waited.has(undefined) ? this.#owed : this.#lanes;
    const resting = [...inTurn].filter((lane) => !this.#stepping.has(lane) && !waited.has(lane));
    return planStep<Generation, Lane>(resting, this.#streak, this.#limits);
  }

  #launch(plan: StepPlan<Lane, Generation>): void {
    this.#streak = plan.purpose === "decode" ? 0 : this.#streak + 1;
    const { total, perStep, parallelSteps } = this.#threads;
    const share = Math.max(1, Math.floor(total / Math.min(parallelSteps, Math.max(1, this.#lanes.size))));
    const threads = Math.min(perStep, share, total - this.#threadsInUse);
    this.#threadsInUse += threads;
    this.#owed.delete(plan.lane);
    this.#onStep?.(plan.decoding.length + plan.prefills.length);
    const step = this.#runner.run(plan, ++this.#step, threads).then(() => {
      this.#threadsInUse -= threads;
      this.#stepping.delete(plan.lane);
      this.#wake?.();
    });
    this.#stepping.set(plan.lane, step);
  }

  #dropFinished(): void {
    for (const lane of this.#lanes) {
      if (this.#stepping.has(lane)) continue;
      for (const generation of lane.generations) {
        if (!generation.over) continue;
        lane.generations.delete(generation);
        generation.sampler.dispose();
        generation.slot.busy = false;
        this.#onOver(lane, generation);
      }
      if (lane.generations.size > 0) continue;
      this.#lanes.delete(lane);
      this.#owed.delete(lane);
    }
  }
}
