import { freemem } from "node:os";
import type { Logger } from "../../foundation/index.ts";
import { withTimeout } from "../../foundation/index.ts";
import type { Embedding, Engine, EngineStatus, GenerateEvent, GenerateRequest } from "../engine.ts";
import type { EngineObserver } from "../engine-observer.ts";
import { AdapterAlreadyLoadedError, AdapterNotFoundError, EngineUnavailableError } from "../errors.ts";
import type { Manifest } from "../manifest.ts";
import { AdapterCatalog } from "./adapter-catalog.ts";
import { promptTokens } from "./chat-prompt.ts";
import { Embedder } from "./embedder.ts";
import { adapterStatus, describeEngine } from "./engine-status.ts";
import type { Generation } from "./generation.ts";
import type { ClaimedSlot, Lane } from "./lane.ts";
import { loadNativeModel, type NativeModel } from "./llama-bindings.ts";
import { baseLane, type LaneLayout, loadAdapterLane, loadBaseLane } from "./load-lane.ts";
import { contextTokens, type MemoryPlan, planMemory } from "./memory-plan.ts";
import { memoryPools } from "./memory-pools.ts";
import { PlaceQueue } from "./place-queue.ts";
import { type PreloadGround, pinAdapters, warmAdapters } from "./preload-adapters.ts";
import { generationFor } from "./request-generation.ts";
import { Residency } from "./residency.ts";
import { choicePathFor } from "./response-choice.ts";
import { grammarFor } from "./response-grammar.ts";
import { Scheduler } from "./scheduler.ts";
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
  /** Contexts and adapters' weights together; 0 = half of what is free where they lie. */
  readonly contextMemoryBytes: number;
  readonly batchTokens: number;
  readonly queueLimit: number;
  readonly queueTimeoutMs: number;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly onProgress?: (fraction: number) => void;
  readonly observer?: EngineObserver | undefined;
}

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
  readonly #layout: LaneLayout;
  readonly memory: MemoryPlan;
  #arrivals = 0;
  #active = 0;
  #closed = false;

  private constructor(init: {
    options: LlamaEngineOptions;
    model: NativeModel & { readonly threads: number };
    catalog: AdapterCatalog;
    base: Lane;
    layout: LaneLayout;
    memory: MemoryPlan;
  }) {
    const { options, model, layout } = init;
    this.#options = options;
    this.#model = model;
    this.#catalog = init.catalog;
    this.#base = init.base;
    this.#layout = layout;
    this.memory = init.memory;
    this.#scheduler = new Scheduler({
      model,
      threads: planThreads(model.threads, model.description.parameters, model.description.gpu !== false),
      limits: { batchTokens: options.batchTokens, prefillStreak },
      contextSize: layout.tokensPerSequence,
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
      contextSize: Math.min(layout.tokensPerSequence, 2048),
      threads: layout.threads,
      flashAttention: layout.flashAttention,
      exclusively: (work) => this.#scheduler.exclusively(work),
      places: this.#places,
      queueTimeoutMs: options.queueTimeoutMs,
      makeRoom: () => this.#makeRoom(),
    });
  }

  /** Loads the base, looks at every adapter, warms the base's context up. @throws {BaseModelRejectedError} */
  static async open(options: LlamaEngineOptions): Promise<LlamaEngine> {
    const model = await loadNativeModel({ ...options, path: options.base.path });
    const layout: LaneLayout = {
      tokensPerSequence: contextTokens(options.contextSize, model.description.trainContextSize),
      sequences: options.sequencesPerAdapter,
      batchTokens: options.batchTokens,
      threads: model.threads,
      flashAttention: options.flashAttention,
    };
    const base = await loadBaseLane(model, layout);
    const catalog = await AdapterCatalog.open({
      folder: options.adapterFolder,
      manifest: options.manifest,
      base: { sha256: options.base.sha256, architecture: model.description.architecture },
      log: options.log,
    });
    const pools = memoryPools({
      wantedBytes: options.contextMemoryBytes,
      context: base.context,
      adapterBytes: Math.max(0, ...catalog.all.map(({ weightBytes }) => weightBytes)),
      freeBytes: freemem(),
      freeGpuBytes: await model.freeGpuBytes(),
    });
    const memory = planMemory(options.maxResidentAdapters, model.description.bytes, pools);
    const engine = new LlamaEngine({ options, model, catalog, base, layout, memory });
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
      contextSize: this.#layout.tokensPerSequence,
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
        kvRoom: lanes.length * sequencesPerAdapter * this.#layout.tokensPerSequence,
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
    this.#residency.unpin(id);
    await this.#residency.evict(id, AbortSignal.timeout(this.#options.queueTimeoutMs));
  }

  /** Loads adapters before anyone asks for them; one that cannot be loaded is logged and left. */
  async warm(adapterIds: readonly string[]): Promise<void> {
    await warmAdapters(adapterIds, this.#preloadGround);
  }

  /**
   * Loads adapters and keeps them, whoever else wants their places; one that cannot be loaded is logged and left.
   * @throws {TooManyPinnedError} they are more than fit at once; none is loaded then
   */
  async pin(adapterIds: readonly string[]): Promise<void> {
    await pinAdapters(adapterIds, this.#preloadGround);
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
    const contextSize = this.#layout.tokensPerSequence;
    const prompt = promptTokens(this.#model, request.prompt, {
      contextSize,
      replyTokens: request.maxTokens ?? contextSize >> 2,
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
      const { nowMs, observer } = this.#options;
      const onToken =
        observer && ((gapMs: number) => observer.tokenChosen(adapterId === baseLane ? undefined : adapterId, gapMs));
      const arrival = this.#arrivals++;
      generation = generationFor(this.#model, request, {
        prompt,
        claimed,
        grammar,
        path,
        arrival,
        acceptedAtMs,
        nowMs,
        onToken,
      });
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
    return await loadAdapterLane(this.#model, this.#layout, this.#catalog.find(adapterId), () => this.#makeRoom());
  }

  async #makeRoom(): Promise<boolean> {
    const made = await this.#residency.evictIdle();
    this.#options.log.warn({ idleAdapterEvicted: made }, "memory-short");
    return made;
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

  get #preloadGround(): PreloadGround {
    const { queueTimeoutMs, log } = this.#options;
    const places = this.memory.residentAdapters;
    return { catalog: this.#catalog, residency: this.#residency, places, timeoutMs: queueTimeoutMs, log };
  }

  #mayWait(): boolean {
    return this.#waiting < this.#options.queueLimit;
  }

  #ensureOpen(): void {
    if (this.#closed) throw new EngineUnavailableError(2);
  }
}
