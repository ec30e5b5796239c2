import type { Logger } from "../../foundation/index.ts";
import type { TokenLogprob } from "../engine.ts";
import type { Generation } from "./generation.ts";
import type { Lane } from "./lane.ts";
import type { NativeModel } from "./llama-bindings.ts";
import type { StepPlan } from "./step-planner.ts";

/** Carries one planned step out on its lane: tokens in, logits, the next token of each reply, its listeners told. */
export class StepRunner {
  readonly #model: NativeModel;
  readonly #contextSize: number;
  readonly #log: Logger;

  /** @param contextSize tokens one sequence may hold */
  constructor(model: NativeModel, contextSize: number, log: Logger) {
    this.#model = model;
    this.#contextSize = contextSize;
    this.#log = log;
  }

  /**
   * Never rejects: a step that fails fails its replies.
   * @param step its number, for taking turns
   * @param threads cores it may use
   */
  async run(plan: StepPlan<Lane, Generation>, step: number, threads: number): Promise<void> {
    const { lane } = plan;
    lane.lastStep = step;
    const planned = [...plan.decoding.map((generation) => ({ generation, tokens: 1 })), ...plan.prefills];
    for (const { generation } of planned) generation.lastStep = step;
    try {
      lane.context.setThreads(threads);
      const work = planned.filter(({ generation, tokens }) => this.#makeRoom(lane, generation, tokens));
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
  #makeRoom(lane: Lane, generation: Generation, tokens: number): boolean {
    const { slot } = generation;
    if (slot.length + tokens <= this.#contextSize) return true;
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
}
