import { pause } from "../../services/foundation/index.ts";
import {
  AdapterAlreadyLoadedError,
  AdapterNotFoundError,
  type AdapterStatus,
  adapterIdOf,
  ContextOverflowError,
  type Embedding,
  type Engine,
  type EngineStatus,
  EngineUnavailableError,
  type FinishReason,
  type GenerateEvent,
  type GenerateRequest,
  parseAdapterId,
} from "../../services/inference/index.ts";
import { echo, endOf, hash, logprobsOf, promptText, timingsOf, vectorOf, wordsOf } from "./scripted-reply.ts";

/** What a scripted engine says and how long it takes to say it. */
export interface Script {
  /** The reply, token by token, of a request. Default: `adaptör <id>: <last user message>`. */
  readonly reply?: (request: GenerateRequest) => readonly string[];
  /** Why a reply that was said to its end ended. */
  readonly reason?: FinishReason;
  /** Before the first token, ms. */
  readonly firstTokenMs?: number;
  /** Before each later token, ms. */
  readonly tokenMs?: number;
  /** Adapters there are, as `name@version`; the name is the sector. */
  readonly adapters?: readonly string[];
  /** Thrown instead of the token with this index (0 = before anything was said). */
  readonly fault?: { readonly afterTokens: number; readonly error: () => Error };
}

/** What was asked, and how it went. */
export interface ScriptedCall {
  readonly request: GenerateRequest;
  readonly said: string;
  readonly outcome: "running" | "ended" | "aborted" | "failed";
}

interface RunningCall {
  readonly request: GenerateRequest;
  said: string;
  outcome: ScriptedCall["outcome"];
}

const contextSize = 4096;

/** The `Engine` promise kept by a script: for speed and for faults. It knows no model, so its text means nothing: a word counts as a token. */
export class ScriptedEngine implements Engine {
  readonly #adapters: string[];
  readonly #hits = new Map<string, number>();
  readonly #calls: RunningCall[] = [];
  #script: Script;
  #closed = false;

  constructor(script: Script = {}) {
    this.#script = script;
    this.#adapters = [...(script.adapters ?? [])];
  }

  /** Every generation so far, oldest first. */
  get calls(): readonly ScriptedCall[] {
    return this.#calls;
  }

  /** Generations that have neither ended nor been abandoned. */
  get active(): number {
    return this.#calls.filter((call) => call.outcome === "running").length;
  }

  /** From the next generation on. */
  follow(script: Omit<Script, "adapters">): void {
    this.#script = { ...script, adapters: this.#adapters };
  }

  /** Drops what was remembered, so that a long run does not grow. */
  forgetCalls(): void {
    this.#calls.length = 0;
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent, void, void> {
    this.#ensureOpen();
    signal?.throwIfAborted();
    if (request.adapterId !== undefined) this.#countHit(this.#find(request.adapterId));
    const call: RunningCall = { request, said: "", outcome: "running" };
    this.#calls.push(call);
    try {
      yield* this.#say(call, request, signal);
      call.outcome = "ended";
    } catch (failure) {
      call.outcome = signal?.aborted === true ? "aborted" : "failed";
      throw failure;
    } finally {
      if (call.outcome === "running") call.outcome = "aborted";
    }
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Embedding[]> {
    this.#ensureOpen();
    signal?.throwIfAborted();
    return texts.map((text) => ({ vector: vectorOf(text), tokens: wordsOf(text).length }));
  }

  async tokenize(text: string, options: { readonly addSpecial?: boolean; readonly withPieces?: boolean } = {}) {
    this.#ensureOpen();
    const pieces = [...(options.addSpecial === true ? ["<s>"] : []), ...wordsOf(text)];
    const tokens = pieces.map((piece) => hash(piece) % 32_000);
    return options.withPieces === true ? { tokens, pieces } : { tokens };
  }

  async status(): Promise<EngineStatus> {
    return {
      ready: !this.#closed,
      base: {
        id: "scripted-base",
        sha256: null,
        architecture: "script",
        quantization: null,
        parameters: null,
        bytes: null,
        contextSize,
        chatTemplate: true,
      },
      adapters: this.#adapters.map((id) => this.#describe(id)),
      capacity: { active: this.active, queued: 0, total: 64, queueLimit: 128 },
      memory: { residentBytes: 0, contexts: 0, contextBytes: 0 },
    };
  }

  async loadAdapter(request: {
    readonly name: string;
    readonly path: string;
    readonly loadInPlace?: boolean;
  }): Promise<void> {
    this.#ensureOpen();
    const { name, version = "1" } = parseAdapterId(request.name);
    const id = adapterIdOf({ name, version });
    if (!this.#adapters.includes(id)) this.#adapters.push(id);
    else if (request.loadInPlace !== true) throw new AdapterAlreadyLoadedError(id);
  }

  async unloadAdapter(name: string): Promise<void> {
    this.#ensureOpen();
    this.#adapters.splice(this.#adapters.indexOf(this.#find(name)), 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  async *#say(
    call: RunningCall,
    request: GenerateRequest,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const script = this.#script;
    const promptTokens = wordsOf(promptText(request)).length;
    if (promptTokens > contextSize && request.overflow !== "drop-oldest")
      throw new ContextOverflowError(promptTokens, contextSize);
    const startedAt = performance.now();
    const tokens = script.reply?.(request) ?? echo(request);
    const limit = Math.min(tokens.length, request.maxTokens ?? tokens.length);
    const end = endOf(tokens.slice(0, limit).join(""), request.stop ?? []);
    let firstAt = startedAt;
    let produced = 0;
    let stopped = end === 0;
    while (produced < limit && !stopped) {
      await this.#wait(produced === 0 ? script.firstTokenMs : script.tokenMs, signal);
      if (script.fault?.afterTokens === produced) throw script.fault.error();
      const text = (tokens[produced++] ?? "").slice(0, end - call.said.length);
      if (produced === 1) firstAt = performance.now();
      call.said += text;
      stopped = call.said.length === end;
      if (text !== "") yield { type: "text-delta", text, ...logprobsOf(request, text) };
    }
    if (!stopped && script.fault?.afterTokens === produced) throw script.fault.error();
    const reason = stopped ? "stop" : limit < tokens.length ? "length" : (script.reason ?? "stop");
    yield {
      type: "end",
      reason,
      usage: { promptTokens, cachedTokens: 0, completionTokens: produced },
      timings: timingsOf(promptTokens, produced, firstAt - startedAt, performance.now() - firstAt),
    };
  }

  async #wait(ms: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    if (ms !== undefined && ms > 0) await pause(ms, signal);
    signal?.throwIfAborted();
    this.#ensureOpen();
  }

  #find(nameOrId: string): string {
    const found =
      this.#adapters.find((id) => id === nameOrId) ??
      this.#adapters.findLast((id) => parseAdapterId(id).name === nameOrId);
    if (found === undefined) throw new AdapterNotFoundError(nameOrId);
    return found;
  }

  #describe(id: string): AdapterStatus {
    const { name, version = "1" } = parseAdapterId(id);
    return {
      id,
      name,
      version,
      sector: name,
      file: `${name}.gguf`,
      sha256: null,
      bytes: null,
      rank: null,
      alpha: null,
      baseSha256: null,
      resident: true,
      pinned: false,
      references: this.#calls.filter((call) => call.outcome === "running" && call.request.adapterId === id).length,
      lastUsedAt: null,
      hits: this.#hits.get(id) ?? 0,
      loadMs: null,
    };
  }

  #countHit(id: string): void {
    this.#hits.set(id, (this.#hits.get(id) ?? 0) + 1);
  }

  #ensureOpen(): void {
    if (this.#closed) throw new EngineUnavailableError(2);
  }
}
