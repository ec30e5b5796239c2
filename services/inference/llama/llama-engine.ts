import { randomInt } from "node:crypto";
import { freemem } from "node:os";
import type { Logger } from "../../foundation/index.ts";
import { withTimeout } from "../../foundation/index.ts";
import type {
  Embedding,
  Engine,
  EngineStatus,
  GenerateEvent,
  GenerateRequest,
  ResponseFormat,
  SamplingParameters,
  ToolChoice,
  ToolDefinition,
} from "../engine.ts";
import type { EngineObserver } from "../engine-observer.ts";
import {
  AdapterAlreadyLoadedError,
  AdapterNotFoundError,
  AdapterRejectedError,
  EngineUnavailableError,
} from "../errors.ts";
import type { Manifest } from "../manifest.ts";
import { AdapterCatalog } from "./adapter-catalog.ts";
import { promptTokens } from "./chat-prompt.ts";
import type { ChoicePath } from "./choice-path.ts";
import { Embedder } from "./embedder.ts";
import { adapterStatus, describeEngine } from "./engine-status.ts";
import { Generation } from "./generation.ts";
import { type ClaimedSlot, Lane } from "./lane.ts";
import { loadNativeModel, type NativeGrammar, type NativeModel } from "./llama-bindings.ts";
import { contextTokens, type MemoryPlan, planMemory } from "./memory-plan.ts";
import { PlaceQueue } from "./place-queue.ts";
import { Residency } from "./residency.ts";
import { choicePathFor } from "./response-choice.ts";
import { grammarFor, isWholeJson } from "./response-grammar.ts";
import { Scheduler } from "./scheduler.ts";
import { TextStream } from "./text-stream.ts";
import { planThreads } from "./thread-plan.ts";
import { asForcedCall, withToolCalls } from "./tool-call-events.ts";
import { forcedCallFormat } from "./tool-prompt.ts";

export interface LlamaEngineOptions {
  readonly base: { readonly id: string; readonly path: string; readonly sha256: string };
  readonly adapterFolder: string;
  readonly manifest: Manifest | undefined;
  readonly gpu: "auto" | "off" | "cuda" | "vulkan";
  readonly gpuLayers: number;
  readonly useMmap: boolean;
  readonly flashAttention: boolean;
  /** 0 = what ggml finds. */
  readonly threads: number;
  /** 0 = what the model was trained for, at most 8192. */
  readonly contextSize: number;
  readonly sequencesPerAdapter: number;
  readonly maxResidentAdapters: number;
  /** 0 = half of what is free. */
  readonly contextMemoryBytes: number;
  readonly batchTokens: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly onProgress?: (fraction: number) => void;
  readonly observer?: EngineObserver | undefined;
}

const baseLane = "";
const drainPatienceMs = 2000;
const prefillStreak = 8;

/** The `Engine` promise on node-llama-cpp: one base model, a context per adapter, one step at a time. */
export class LlamaEngine implements Engine {
  readonly #options: LlamaEngineOptions;
  readonly #model: NativeModel & { readonly threads: number };
  readonly #catalog: AdapterCatalog;
  readonly #residency: Residency<Lane>;
  readonly #scheduler: Scheduler;
  readonly #embedder: Embedder;
  readonly #places = new PlaceQueue(() => this.#mayWait());
  readonly #base: Lane;
  readonly #contextSize: number;
  readonly memory: MemoryPlan;
  #arrivals = 0;
  #active = 0;
  #closed = false;

  private constructor(init: {
    options: LlamaEngineOptions;
    model: NativeModel & { readonly threads: number };
    catalog: AdapterCatalog;
    base: Lane;
    contextSize: number;
    memory: MemoryPlan;
  }) {
    const { options, model } = init;
    this.#options = options;
    this.#model = model;
    this.#catalog = init.catalog;
    this.#base = init.base;
    this.#contextSize = init.contextSize;
    this.memory = init.memory;
    this.#scheduler = new Scheduler({
      model,
      threads: planThreads(model.threads, model.description.parameters, model.description.gpu !== false),
      limits: { batchTokens: options.batchTokens, prefillStreak },
      contextSize: init.contextSize,
      log: options.log,
      onOver: (lane) => {
        this.#active--;
        this.#giveBack(lane);
      },
      onStep: options.observer && ((sequences) => options.observer?.stepBegan(sequences)),
    });
    this.#residency = new Residency<Lane>({
      capacity: init.memory.residentAdapters,
      patienceMs: drainPatienceMs,
      load: (adapterId) => this.#loadLane(adapterId),
      mayWait: () => this.#mayWait(),
      nowMs: options.nowMs,
    });
    this.#embedder = new Embedder({
      model,
      contextSize: Math.min(init.contextSize, 2048),
      threads: model.threads,
      flashAttention: options.flashAttention,
      exclusively: (work) => this.#scheduler.exclusively(work),
    });
  }

  /** Loads the base, looks at every adapter, warms the base's context up. @throws {BaseModelRejectedError} */
  static async open(options: LlamaEngineOptions): Promise<LlamaEngine> {
    const model = await loadNativeModel({ ...options, path: options.base.path });
    const contextSize = contextTokens(options.contextSize, model.description.trainContextSize);
    const context = await model.createContext({
      tokensPerSequence: contextSize,
      sequences: options.sequencesPerAdapter,
      batchTokens: options.batchTokens,
      threads: model.threads,
      flashAttention: options.flashAttention,
    });
    const budget = options.contextMemoryBytes > 0 ? options.contextMemoryBytes : Math.floor(freemem() / 2);
    const memory = planMemory(options.maxResidentAdapters, model.description.bytes, context.bytes, budget);
    const catalog = await AdapterCatalog.open({
      folder: options.adapterFolder,
      manifest: options.manifest,
      base: { sha256: options.base.sha256, architecture: model.description.architecture },
      log: options.log,
    });
    const base = new Lane(baseLane, context, undefined, options.sequencesPerAdapter);
    const engine = new LlamaEngine({ options, model, catalog, base, contextSize, memory });
    await engine.#warmUp();
    return engine;
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent, void, void> {
    const tools = "messages" in request.prompt ? (request.prompt.tools ?? []) : [];
    const choice = "messages" in request.prompt ? (request.prompt.toolChoice ?? "auto") : "none";
    if (tools.length === 0 || choice === "none") yield* this.#run(request, signal);
    else {
      const forced = forcedCallFormat(tools, choice);
      if (forced === undefined) yield* withToolCalls(this.#run(request, signal));
      else yield* asForcedCall(this.#run({ ...request, responseFormat: forced }, signal));
    }
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Embedding[]> {
    this.#ensureOpen();
    const embeddings: Embedding[] = [];
    for (const text of texts) embeddings.push(await this.#embedder.embed(text, signal));
    return embeddings;
  }

  async tokenize(text: string, options: { readonly addSpecial?: boolean; readonly withPieces?: boolean } = {}) {
    this.#ensureOpen();
    const plain = this.#model.tokenize(text, false);
    const tokens = options.addSpecial === true ? this.#model.withBeginning(plain) : plain;
    return options.withPieces === true
      ? { tokens, pieces: tokens.map((token) => this.#model.piece(token)) }
      : { tokens };
  }

  async status(): Promise<EngineStatus> {
    const { sequencesPerAdapter, queueLimit, base } = this.#options;
    const lanes = [this.#base, ...this.#residency.lanes];
    return describeEngine({
      ready: !this.#closed,
      base,
      model: this.#model,
      contextSize: this.#contextSize,
      adapters: this.#catalog.all.map((entry) => adapterStatus(entry, this.#residency)),
      capacity: {
        active: this.#active,
        queued: this.#waiting,
        total: sequencesPerAdapter * (this.memory.residentAdapters + 1),
        queueLimit,
      },
      bytesPerContext: this.memory.bytesPerContext,
      activity: {
        loads: this.#residency.loads,
        evictions: this.#residency.evictions,
        kvTokens: lanes.reduce((sum, { heldTokens }) => sum + heldTokens, 0),
        kvRoom: lanes.length * sequencesPerAdapter * this.#contextSize,
      },
    });
  }

  async loadAdapter(request: {
    readonly name: string;
    readonly path: string;
    readonly loadInPlace?: boolean;
  }): Promise<void> {
    this.#ensureOpen();
    const known = this.#catalog.knows(request.name);
    if (known !== undefined && request.loadInPlace !== true) throw new AdapterAlreadyLoadedError(known);
    const before = this.#catalog.all;
    const entry = await this.#catalog.add(request.name, request.path);
    const previous = before.find(({ id }) => id === entry.id);
    const deadline = AbortSignal.timeout(this.#options.queueTimeoutMs);
    try {
      if (previous !== undefined && request.loadInPlace !== true) throw new AdapterAlreadyLoadedError(entry.id);
      if (previous !== undefined) await this.#residency.evict(entry.id, deadline);
      await this.#residency.acquire(entry.id, deadline);
      this.#residency.release(entry.id);
    } catch (failure) {
      // What served before goes on: nothing that failed may take its name.
      this.#catalog.restore(entry.id, previous);
      throw failure;
    }
  }

  async unloadAdapter(name: string): Promise<void> {
    this.#ensureOpen();
    const { id } = this.#catalog.find(name);
    this.#catalog.remove(id);
    await this.#residency.evict(id, AbortSignal.timeout(this.#options.queueTimeoutMs));
  }

  /** Loads adapters before anyone asks for them; one that cannot be loaded is logged and left. */
  async warm(adapterIds: readonly string[]): Promise<void> {
    for (const id of adapterIds) {
      try {
        const entry = this.#catalog.find(id);
        await this.#residency.acquire(entry.id, AbortSignal.timeout(this.#options.queueTimeoutMs));
        this.#residency.release(entry.id);
      } catch (failure) {
        this.#options.log.warn({ adapter: id, error: String(failure) }, "warm-up-failed");
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#scheduler.close();
    await this.#embedder.close();
    await this.#residency.close();
    await this.#base.dispose();
    await this.#model.dispose();
  }

  async *#run(request: GenerateRequest, signal: AbortSignal | undefined): AsyncGenerator<GenerateEvent, void, void> {
    this.#ensureOpen();
    signal?.throwIfAborted();
    const acceptedAtMs = this.#options.nowMs();
    const adapterId = request.adapterId === undefined ? baseLane : this.#catalog.find(request.adapterId).id;
    const prompt = promptTokens(this.#model, request.prompt, {
      contextSize: this.#contextSize,
      replyTokens: request.maxTokens ?? this.#contextSize >> 2,
      overflow: request.overflow ?? "refuse",
    });
    const grammar = await grammarFor(this.#model, request.responseFormat);
    const path = choicePathFor(this.#model, request);
    const deadline = withTimeout(this.#options.queueTimeoutMs, signal);
    const lane = adapterId === baseLane ? this.#base : await this.#acquire(adapterId, deadline, signal);
    let claimed: ClaimedSlot | undefined;
    let generation: Generation | undefined;
    try {
      claimed = await this.#places.claim(lane, deadline, () =>
        this.#scheduler.exclusively(
          async () => lane.claimSlot(prompt, request.reusePrefix ?? true, acceptedAtMs),
          lane,
        ),
      );
      signal?.throwIfAborted();
      generation = this.#newGeneration(request, prompt, claimed, { grammar, path, adapterId }, acceptedAtMs);
      this.#scheduler.start(lane, generation);
    } catch (failure) {
      generation?.sampler.dispose();
      if (claimed !== undefined) claimed.slot.busy = false;
      this.#giveBack(lane);
      signal?.throwIfAborted();
      throw failure;
    }
    // From here on the scheduler says when the place is free again: a native step may outlive whoever listens.
    this.#active++;
    yield* this.#follow(generation, signal);
  }

  #newGeneration(
    request: GenerateRequest,
    prompt: readonly number[],
    { slot, cached }: ClaimedSlot,
    {
      grammar,
      path,
      adapterId,
    }: {
      readonly grammar: NativeGrammar | undefined;
      readonly path: ChoicePath | undefined;
      readonly adapterId: string;
    },
    acceptedAtMs: number,
  ): Generation {
    const sampling = path === undefined ? (request.sampling ?? {}) : withoutPenalties(request.sampling);
    // The markers of tool calls may be control tokens: they are written out for whoever looks for calls.
    const { nowMs, observer } = this.#options;
    const withControl = "messages" in request.prompt && mayCall(request.prompt);
    return new Generation({
      prompt,
      cached,
      slot,
      sampler: this.#model.createSampler({
        temperature: sampling.temperature ?? 0,
        topK: sampling.topK ?? 0,
        topP: sampling.topP ?? 1,
        minP: sampling.minP ?? 0,
        repeatPenalty: sampling.repeatPenalty ?? 1,
        frequencyPenalty: sampling.frequencyPenalty ?? 0,
        presencePenalty: sampling.presencePenalty ?? 0,
        seed: (sampling.seed ?? randomInt(2 ** 32)) >>> 0,
        ...(grammar === undefined ? {} : { grammar }),
      }),
      text: new TextStream((tokens) => this.#model.detokenize(tokens, withControl), request.stop ?? []),
      arrival: this.#arrivals++,
      acceptedAtMs,
      maxTokens: request.maxTokens ?? Number.POSITIVE_INFINITY,
      shifts: request.maxTokens !== undefined && path === undefined,
      topLogprobs: request.topLogprobs,
      endsGeneration: (token) => this.#model.endsGeneration(token),
      path,
      isComplete: isJson(request.responseFormat) ? isWholeJson : undefined,
      nowMs,
      onToken: observer && ((gapMs) => observer.tokenChosen(adapterId === baseLane ? undefined : adapterId, gapMs)),
    });
  }

  async *#follow(generation: Generation, signal: AbortSignal | undefined): AsyncGenerator<GenerateEvent, void, void> {
    const onAbort = (): void => {
      generation.fail(signal?.reason);
      this.#scheduler.nudge();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      yield* generation.events;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      // A reader who leaves in the middle leaves the place free after the step that runs now.
      generation.fail(new Error("abandoned"));
      this.#scheduler.nudge();
    }
  }

  /** A place in `lane`, and the hold on its adapter, are free again. */
  #giveBack(lane: Lane): void {
    this.#places.freed(lane);
    if (lane !== this.#base) this.#residency.release(lane.adapterId);
  }

  async #acquire(adapterId: string, deadline: AbortSignal, signal: AbortSignal | undefined): Promise<Lane> {
    try {
      return await this.#residency.acquire(adapterId, deadline);
    } catch (failure) {
      signal?.throwIfAborted();
      throw failure;
    }
  }

  async #loadLane(adapterId: string): Promise<Lane> {
    if (!this.#catalog.has(adapterId)) throw new AdapterNotFoundError(adapterId);
    const entry = this.#catalog.find(adapterId);
    const lora = await this.#model.loadLora(entry.path).catch((cause: unknown) => {
      throw new AdapterRejectedError(adapterId, "refused_by_engine", "its weights do not fit the base model", cause);
    });
    try {
      const context = await this.#model.createContext({
        tokensPerSequence: this.#contextSize,
        sequences: this.#options.sequencesPerAdapter,
        batchTokens: this.#options.batchTokens,
        threads: this.#model.threads,
        flashAttention: this.#options.flashAttention,
        lora,
      });
      return new Lane(adapterId, context, lora, this.#options.sequencesPerAdapter);
    } catch (failure) {
      await lora.dispose();
      throw failure;
    }
  }

  /** One short step, so that page faults, graph building and kernel choice happen before the first user. */
  async #warmUp(): Promise<void> {
    for await (const _ of this.#run({ prompt: { text: "Merhaba" }, maxTokens: 1, reusePrefix: false }, undefined)) {
      // The text does not matter.
    }
  }

  /** Requests that wait for an adapter or for a place in its context. */
  get #waiting(): number {
    return this.#places.waiting + this.#residency.waiting;
  }

  #mayWait(): boolean {
    return this.#waiting < this.#options.queueLimit;
  }

  #ensureOpen(): void {
    if (this.#closed) throw new EngineUnavailableError(2);
  }
}

function mayCall(prompt: { readonly tools?: readonly ToolDefinition[]; readonly toolChoice?: ToolChoice }): boolean {
  return (prompt.tools ?? []).length > 0 && (prompt.toolChoice ?? "auto") === "auto";
}

function isJson(format: ResponseFormat | undefined): boolean {
  return format?.type === "json_object" || format?.type === "json_schema";
}

/** What may be said is fixed: a text must not lose because its words stand in the prompt or in itself. */
function withoutPenalties({
  repeatPenalty: _,
  frequencyPenalty: _1,
  presencePenalty: _2,
  ...rest
}: SamplingParameters = {}): SamplingParameters {
  return rest;
}
