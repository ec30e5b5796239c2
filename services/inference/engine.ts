/** The promise of the room: text out of one shared base model, under whichever adapter the request names. */

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly toolCalls?: readonly ToolCall[];
  /** Of a `tool` message: which call it answers. */
  readonly toolCallId?: string;
  readonly name?: string;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments object. */
  readonly parameters?: object;
}

export type ToolChoice = "none" | "auto" | "required" | { readonly name: string };

/** What the reply must look like. A schema is enforced by a grammar, a choice token by token; neither is requested politely. */
export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | { readonly type: "json_schema"; readonly schema: object }
  /** The reply is exactly one of the texts: 1–64 of them, each of 1–4000 characters. The model says which. Penalties do not apply. */
  | { readonly type: "choice"; readonly choices: readonly string[] };

export interface SamplingParameters {
  /** 0 = greedy; up to 2. */
  readonly temperature?: number;
  /** 0–1. */
  readonly topP?: number;
  /** 0 = off. */
  readonly topK?: number;
  /** 0–1. */
  readonly minP?: number;
  /** 1 = off. */
  readonly repeatPenalty?: number;
  /** −2…2 */
  readonly frequencyPenalty?: number;
  /** −2…2 */
  readonly presencePenalty?: number;
  /** 32-bit; the same seed, prompt and adapter give the same text. */
  readonly seed?: number;
}

export type Prompt =
  | {
      readonly messages: readonly ChatMessage[];
      readonly tools?: readonly ToolDefinition[];
      readonly toolChoice?: ToolChoice;
    }
  /** Raw text, no chat template. */
  | { readonly text: string };

export interface GenerateRequest {
  /** Adapter id `name@version`, or undefined for the base model alone. */
  readonly adapterId?: string;
  readonly prompt: Prompt;
  /** Undefined: until the model stops or the context is full. */
  readonly maxTokens?: number;
  readonly sampling?: SamplingParameters;
  /** The reply ends before the first of these; at most 16. */
  readonly stop?: readonly string[];
  readonly responseFormat?: ResponseFormat;
  /** Number of alternatives per token, 0–20; undefined: no log-probabilities. */
  readonly topLogprobs?: number;
  /** What to do with a conversation longer than the context: refuse it (default), or drop the oldest non-system messages. */
  readonly overflow?: "refuse" | "drop-oldest";
  /** False: compute everything anew, whatever KV is at hand. */
  readonly reusePrefix?: boolean;
}

export interface TokenLogprob {
  readonly token: string;
  readonly bytes: readonly number[];
  /** Natural logarithm of the model's own probability, before sampling settings. */
  readonly logprob: number;
  readonly top: readonly { readonly token: string; readonly bytes: readonly number[]; readonly logprob: number }[];
}

export interface Usage {
  readonly promptTokens: number;
  /** How many of `promptTokens` came from KV already computed under the same adapter. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** As llama-server names them; `_ms` are milliseconds. */
export interface Timings {
  readonly cache_n: number;
  readonly prompt_n: number;
  readonly prompt_ms: number;
  readonly prompt_per_token_ms: number;
  readonly prompt_per_second: number;
  readonly predicted_n: number;
  readonly predicted_ms: number;
  /** This and the next: after the first token, of those that were chosen; what could only follow costs next to nothing. 0: none. */
  readonly predicted_per_token_ms: number;
  readonly predicted_per_second: number;
  /** Ours: time between acceptance and the first prompt token being computed. */
  readonly queue_ms: number;
}

export type FinishReason = "stop" | "length" | "tool_calls";

/** Streamed in order: any number of `text-delta` and `tool-call`, then exactly one `end`. */
export type GenerateEvent =
  | { readonly type: "text-delta"; readonly text: string; readonly logprobs?: readonly TokenLogprob[] }
  | { readonly type: "tool-call"; readonly call: ToolCall }
  | { readonly type: "end"; readonly reason: FinishReason; readonly usage: Usage; readonly timings: Timings };

export interface Embedding {
  /** L2-normalised, shape [model dimensions]. */
  readonly vector: readonly number[];
  readonly tokens: number;
}

/** One adapter as the engine sees it. */
export interface AdapterStatus {
  /** `name@version` */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly sector: string | null;
  /** File name inside the adapter folder; the folder itself is nobody's business. */
  readonly file: string | null;
  readonly sha256: string | null;
  readonly bytes: number | null;
  readonly rank: number | null;
  readonly alpha: number | null;
  readonly baseSha256: string | null;
  /** Weights are in memory now. */
  readonly resident: boolean;
  readonly pinned: boolean;
  /** Requests running on it now. */
  readonly references: number;
  readonly lastUsedAt: string | null;
  readonly hits: number;
  /** Duration of the last load, ms. */
  readonly loadMs: number | null;
}

export interface EngineStatus {
  readonly ready: boolean;
  readonly base: {
    readonly id: string;
    readonly sha256: string | null;
    readonly architecture: string | null;
    readonly quantization: string | null;
    readonly parameters: number | null;
    readonly bytes: number | null;
    /** Tokens one conversation may hold. */
    readonly contextSize: number;
    readonly chatTemplate: boolean;
  };
  readonly adapters: readonly AdapterStatus[];
  /** It fetches adapters when they are first asked for and cannot list them: `adapters` says nothing of what it serves. */
  readonly fetchesAdapters?: true;
  readonly capacity: {
    readonly active: number;
    readonly queued: number;
    readonly total: number;
    readonly queueLimit: number;
  };
  readonly memory: { readonly residentBytes: number; readonly contexts: number; readonly contextBytes: number };
  /** Absent where the engine does not tell. */
  readonly activity?: EngineActivity;
}

export interface EngineActivity {
  /** Adapters brought into memory, and taken out of it again, since the start. */
  readonly loads: number;
  readonly evictions: number;
  /** Tokens whose keys and values are held now, kept prefixes included, and how many the loaded contexts have room for. */
  readonly kvTokens: number;
  readonly kvRoom: number;
}

export interface Engine extends AsyncDisposable {
  /**
   * @throws {AdapterNotFoundError} no such adapter, or none for this base
   * @throws {ContextOverflowError} the prompt alone does not fit and may not be shortened
   * @throws {EngineSaturatedError} the queue is full, or no sequence came free within the limit
   * @throws {EngineUnavailableError} the process behind the promise is down or starting
   * @throws {UnsupportedFeatureError} this engine cannot do what the request asks
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent>;
  /** One vector per text, in order, of the base model. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Embedding[]>;
  tokenize(
    text: string,
    options?: { readonly addSpecial?: boolean; readonly withPieces?: boolean },
  ): Promise<{
    readonly tokens: readonly number[];
    readonly pieces?: readonly string[];
  }>;
  status(): Promise<EngineStatus>;
  /** vLLM's dynamic loading. @throws {AdapterRejectedError} the file cannot be served; nothing changed */
  loadAdapter(request: { readonly name: string; readonly path: string; readonly loadInPlace?: boolean }): Promise<void>;
  /** @throws {AdapterNotFoundError} */
  unloadAdapter(name: string): Promise<void>;
}
