import { EventQueue } from "../../foundation/index.ts";
import type { FinishReason, GenerateEvent, Timings, TokenLogprob, Usage } from "../engine.ts";
import type { ChoicePath } from "./choice-path.ts";
import type { KvSlot } from "./kv-slot.ts";
import type { NativeSampler } from "./llama-bindings.ts";
import type { TextStream } from "./text-stream.ts";

export interface GenerationInit {
  readonly prompt: readonly number[];
  readonly cached: number;
  readonly slot: KvSlot;
  readonly sampler: NativeSampler;
  readonly text: TextStream;
  readonly arrival: number;
  readonly acceptedAtMs: number;
  /** Infinity: until the model stops. */
  readonly maxTokens: number;
  /** Whether the oldest tokens make room when the context is full; otherwise the reply ends there. */
  readonly shifts: boolean;
  readonly topLogprobs: number | undefined;
  readonly endsGeneration: (token: number) => boolean;
  /** The reply must be one of several texts: where it stands among them. */
  readonly path: ChoicePath | undefined;
  /** Says that the text so far is a whole answer (a closed JSON value), whatever the model would add. */
  readonly isComplete: ((text: string) => boolean) | undefined;
  readonly nowMs: () => number;
  /** Called with each token but the first, with the time since the one before. */
  readonly onToken?: ((gapMs: number) => void) | undefined;
}

/** One reply being computed: where it stands in its prompt, what it has said, and who listens. */
export class Generation {
  readonly slot: KvSlot;
  readonly sampler: NativeSampler;
  readonly arrival: number;
  readonly topLogprobs: number | undefined;
  readonly shifts: boolean;
  readonly promptTokens: number;
  readonly events = new EventQueue<GenerateEvent>();
  /** Number of the last step it took part in. */
  lastStep = 0;
  readonly #init: GenerationInit;
  #promptDone: number;
  /** What has been said and is not computed yet: the token chosen last and those that could only follow it. */
  #next: readonly number[] = [];
  #produced = 0;
  /** Of those, chosen by the model; the rest could only follow. */
  #chosen = 0;
  #wholeText = "";
  #waitingLogprobs: TokenLogprob[] = [];
  #startedAtMs: number | undefined;
  #firstTokenAtMs: number | undefined;
  #lastTokenAtMs: number | undefined;
  #over = false;

  constructor(init: GenerationInit) {
    this.#init = init;
    this.slot = init.slot;
    this.sampler = init.sampler;
    this.arrival = init.arrival;
    this.topLogprobs = init.topLogprobs;
    this.shifts = init.shifts;
    this.promptTokens = init.prompt.length;
    this.#promptDone = init.cached;
    if (init.path !== undefined) init.sampler.allowOnly(init.path.allowed);
  }

  get over(): boolean {
    return this.#over;
  }

  /** Tokens known beforehand that are to be computed together: the prompt's, or several that were said at once. */
  get pendingPrompt(): number {
    const rest = this.#init.prompt.length - this.#promptDone;
    return rest > 0 || this.#next.length > 1 ? rest + this.#next.length : 0;
  }

  /** The tokens of the next step: a piece of the prompt, or of what was said last. */
  tokensForStep(count: number): readonly number[] {
    this.#startedAtMs ??= this.#init.nowMs();
    const pending = this.#next.length > 0 ? this.#next : this.#init.prompt.slice(this.#promptDone);
    return pending.slice(0, count);
  }

  /** Whether a step with `count` tokens ends in a choice of the next one. */
  wantsLogits(count: number): boolean {
    return this.#promptDone + count === this.#init.prompt.length + this.#next.length;
  }

  stepDone(tokens: readonly number[]): void {
    this.slot.append(tokens);
    if (this.#next.length > 0) this.#next = this.#next.slice(tokens.length);
    else this.#promptDone += tokens.length;
  }

  /** Takes the chosen token, and those that can only follow it; tells the listener; decides whether this was the last. */
  accept(token: number, logprob: TokenLogprob | undefined): void {
    const { path, endsGeneration, text, maxTokens } = this.#init;
    const now = this.#init.nowMs();
    this.#firstTokenAtMs ??= now;
    if (this.#lastTokenAtMs !== undefined) this.#init.onToken?.(now - this.#lastTokenAtMs);
    this.#lastTokenAtMs = now;
    this.#chosen++;
    if (endsGeneration(token)) {
      this.#produced++;
      this.finish("stop");
      return;
    }
    if (logprob !== undefined) this.#waitingLogprobs.push(logprob);
    const said = path === undefined ? [token] : path.follow(token);
    this.#next = said.slice(0, maxTokens - this.#produced);
    this.#produced += this.#next.length;
    this.#send(this.#next.map((each) => text.push(each)).join(""));
    const isWhole = path === undefined ? this.#init.isComplete?.(this.#wholeText) : path.isOver;
    if (text.stopped || (isWhole === true && this.#next.length === said.length)) this.finish("stop");
    else if (this.#produced >= maxTokens) this.finish("length");
    else if (path !== undefined) this.sampler.allowOnly(path.allowed);
  }

  finish(reason: FinishReason): void {
    if (this.#over) return;
    this.#send(this.#init.text.end());
    this.#over = true;
    this.events.push({ type: "end", reason, usage: this.#usage(), timings: this.#timings() });
    this.events.end();
  }

  fail(failure: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.events.fail(failure);
  }

  #send(text: string): void {
    if (text === "") return;
    this.#wholeText += text;
    const logprobs = this.#waitingLogprobs;
    this.#waitingLogprobs = [];
    this.events.push({ type: "text-delta", text, ...(logprobs.length > 0 ? { logprobs } : {}) });
  }

  #usage(): Usage {
    return {
      promptTokens: this.#init.prompt.length,
      cachedTokens: this.#init.cached,
      completionTokens: this.#produced,
    };
  }

  #timings(): Timings {
    const now = this.#init.nowMs();
    const started = this.#startedAtMs ?? now;
    const first = this.#firstTokenAtMs ?? now;
    const promptMs = first - started;
    const predictedMs = now - first;
    const computed = this.#init.prompt.length - this.#init.cached;
    return {
      cache_n: this.#init.cached,
      prompt_n: computed,
      prompt_ms: promptMs,
      prompt_per_token_ms: promptMs / Math.max(1, computed),
      prompt_per_second: (computed * 1000) / Math.max(promptMs, 1e-3),
      predicted_n: this.#produced,
      predicted_ms: predictedMs,
      predicted_per_token_ms: predictedMs / Math.max(1, this.#chosen - 1),
      predicted_per_second: (Math.max(0, this.#chosen - 1) * 1000) / Math.max(predictedMs, 1e-3),
      queue_ms: started - this.#init.acceptedAtMs,
    };
  }
}
