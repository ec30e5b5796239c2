import { orAbort, type Span, spanOf } from "../foundation/index.ts";
import type { Embedding, Engine, EngineStatus, GenerateEvent, GenerateRequest, Prompt } from "../inference/index.ts";
import { EngineSaturatedError, EngineUnavailableError } from "../inference/index.ts";
import { inStep } from "../observability/index.ts";
import { Connection, defaultTimeouts, type EngineTimeouts } from "./connection.ts";
import type { EngineDialect, EngineDialectName, TokenizeOptions } from "./dialects/engine-dialect.ts";
import { dialects } from "./dialects/index.ts";
import { readEvents } from "./event-reader.ts";
import { mapBounded } from "./map-bounded.ts";
import { refusalError } from "./refusal.ts";
import { RefusedCall, readStreamedRefusal } from "./refusal-facts.ts";
import { readReply } from "./reply-reader.ts";
import { type OpenAiCall, openAiCall } from "./request-body.ts";
import { withoutOldestTurns } from "./shorten.ts";
import { StopGuard } from "./stop-guard.ts";
import { Stopwatch } from "./stopwatch.ts";

export interface HttpEngineOptions {
  readonly dialect: EngineDialectName;
  /** Base URL, with or without `/v1`. */
  readonly url?: string;
  /** A unix socket instead of an address. */
  readonly socketPath?: string;
  /** Bearer token; empty: none. */
  readonly token?: string;
  readonly timeouts?: Partial<EngineTimeouts>;
  /** Most requests under way at once, texts to embed among them; more are refused, not queued. Default 1024. */
  readonly maxInFlight?: number;
  /** llama-server only: it runs with `--cache-ram 0`, so prompts may be reused under adapters. Default false. */
  readonly trustPrefixCache?: boolean;
  /** Milliseconds that only go forward. */
  readonly nowMs?: () => number;
}

/** The `Engine` promise over HTTP. Opens no connection before it is asked for something. */
export function createHttpEngine(options: HttpEngineOptions): Engine {
  return new HttpEngine(options);
}

const vectorsAtOnce = 4;
/** Each attempt drops at least half of what is left to drop, so this is enough for any conversation. */
const shorteningAttempts = 12;

class HttpEngine implements Engine {
  readonly #connection: Connection;
  readonly #dialect: EngineDialect;
  readonly #limit: number;
  readonly #nowMs: () => number;
  #inFlight = 0;
  #closed = false;

  constructor(options: HttpEngineOptions) {
    this.#limit = options.maxInFlight ?? 1024;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#connection = new Connection({
      url: options.url,
      socketPath: options.socketPath,
      token: options.token,
      // Some more than generations need, so that status calls get through.
      connections: this.#limit + vectorsAtOnce,
      timeouts: { ...defaultTimeouts, ...options.timeouts },
      onDisconnect: () => this.#dialect.forget(),
    });
    this.#dialect = dialects[options.dialect]({
      connection: this.#connection,
      trustPrefixCache: options.trustPrefixCache ?? false,
      nowMs: this.#nowMs,
    });
  }

  generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent, void, void> {
    const step = spanOf(signal)?.child("engine", { kind: "client" });
    const events = this.#generate(request, signal, step);
    return step?.kept === true ? inStep(step, request, events, signal) : events;
  }

  async *#generate(
    request: GenerateRequest,
    signal: AbortSignal | undefined,
    step: Span | undefined,
  ): AsyncGenerator<GenerateEvent, void, void> {
    this.#ensureOpen();
    signal?.throwIfAborted();
    this.#ensureRoom();
    this.#inFlight++;
    try {
      const stopwatch = new Stopwatch(this.#nowMs);
      for (let current = request, attempt = 1; ; attempt++) {
        try {
          yield* this.#reply(await orAbort(this.#compose(current), signal), current, stopwatch, signal, step);
          return;
        } catch (failure) {
          const error = this.#named(failure, request.adapterId);
          const shorter = attempt < shorteningAttempts && isOverflow(error) ? this.#shortened(current) : undefined;
          if (shorter === undefined) throw error;
          current = shorter;
        }
      }
    } finally {
      this.#inFlight--;
    }
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Embedding[]> {
    return await this.#asked(async () => {
      if (texts.length === 0) return [];
      this.#ensureRoom();
      const atOnce = Math.min(vectorsAtOnce, texts.length, this.#limit - this.#inFlight);
      this.#inFlight += atOnce;
      try {
        return await mapBounded(texts, atOnce, (text) => this.#dialect.embed(text, signal));
      } finally {
        this.#inFlight -= atOnce;
      }
    });
  }

  async tokenize(text: string, options: TokenizeOptions = {}) {
    return await this.#asked(() => this.#dialect.tokenize(text, options));
  }

  async status(): Promise<EngineStatus> {
    return await this.#asked(() => this.#dialect.status(this.#inFlight, this.#limit));
  }

  async loadAdapter(request: {
    readonly name: string;
    readonly path: string;
    readonly loadInPlace?: boolean;
  }): Promise<void> {
    await this.#asked(() => this.#dialect.loadAdapter(request), request.name);
  }

  async unloadAdapter(name: string): Promise<void> {
    await this.#asked(() => this.#dialect.unloadAdapter(name), name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#connection.close();
  }

  /** The request as the engine is sent it. */
  async #compose(given: GenerateRequest): Promise<OpenAiCall> {
    const request = await this.#withRoom(given);
    const { path, body } = openAiCall(request);
    const fields = await this.#dialect.adapterFields(request.adapterId);
    const translated = await this.#dialect.translate(body, request);
    // What selects the adapter comes last: nothing may overrule it.
    return { path, body: { ...translated, ...fields } };
  }

  #reply(
    { path, body }: OpenAiCall,
    request: GenerateRequest,
    stopwatch: Stopwatch,
    signal: AbortSignal | undefined,
    step: Span | undefined,
  ): AsyncGenerator<GenerateEvent, void, void> {
    const pieces = this.#connection.stream(path, body, {
      signal,
      traceparent: step?.traceparent,
      lastOnConnection: this.#dialect.hangsUpAfterStreams,
    });
    return readReply(readEvents(pieces), {
      stopwatch,
      topLogprobs: request.topLogprobs,
      guard: this.#dialect.sendsStopStrings ? new StopGuard(request.stop ?? []) : undefined,
      fail: (event) => new RefusedCall(readStreamedRefusal(event)),
    });
  }

  /** Where "no limit" would mean OpenAI's 16 tokens, the limit is what is left of the context. */
  async #withRoom(request: GenerateRequest): Promise<GenerateRequest> {
    if (request.maxTokens !== undefined || !this.#dialect.cutsRawText || !("text" in request.prompt)) return request;
    const { text } = request.prompt;
    const [{ tokens }, { base }] = await Promise.all([this.tokenize(text, { addSpecial: true }), this.status()]);
    return { ...request, maxTokens: Math.max(1, base.contextSize - tokens.length - 1) };
  }

  #shortened(request: GenerateRequest): GenerateRequest | undefined {
    if (request.overflow !== "drop-oldest" || this.#dialect.shortensPrompts || !("messages" in request.prompt))
      return undefined;
    const messages = withoutOldestTurns(request.prompt.messages, 0.5);
    return messages === undefined
      ? undefined
      : { ...request, prompt: { ...request.prompt, messages } satisfies Prompt };
  }

  async #asked<T>(work: () => Promise<T>, adapterId?: string): Promise<T> {
    this.#ensureOpen();
    try {
      return await work();
    } catch (failure) {
      throw this.#named(failure, adapterId);
    }
  }

  #named(failure: unknown, adapterId: string | undefined): unknown {
    if (!(failure instanceof RefusedCall)) return failure;
    return this.#dialect.explain(failure.facts, adapterId) ?? refusalError(failure.facts, adapterId);
  }

  #ensureRoom(): void {
    if (this.#inFlight >= this.#limit) throw new EngineSaturatedError(1, "too many requests are under way");
  }

  #ensureOpen(): void {
    if (this.#closed) throw new EngineUnavailableError(2);
  }
}

function isOverflow(error: unknown): boolean {
  return error instanceof Error && (error as { readonly code?: unknown }).code === "context_length_exceeded";
}
