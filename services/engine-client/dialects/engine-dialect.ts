import type { Embedding, EngineStatus, GenerateRequest } from "../../inference/index.ts";
import type { Connection } from "../connection.ts";
import type { JsonObject } from "../json.ts";
import type { RefusalFacts } from "../refusal-facts.ts";

export type EngineDialectName = "sektor" | "vllm" | "sglang" | "lorax" | "llama-server";

export interface TokenizeOptions {
  readonly addSpecial?: boolean;
  readonly withPieces?: boolean;
}

export interface Tokens {
  readonly tokens: readonly number[];
  readonly pieces?: readonly string[];
}

/** What the systems that speak OpenAI's dialect do each in their own way. */
export interface EngineDialect {
  /** It can drop the oldest messages itself; otherwise we do, and ask again. */
  readonly shortensPrompts: boolean;
  /** It leaves the stop string in the text. */
  readonly sendsStopStrings: boolean;
  /** Raw text without `max_tokens` ends after 16 tokens, as OpenAI's does, instead of at the end of the context. */
  readonly cutsRawText: boolean;
  /** It hangs up after each stream without having said so. */
  readonly hangsUpAfterStreams: boolean;
  /**
   * The fields that select the adapter, or the base alone.
   * @throws {AdapterNotFoundError} as far as it is known here
   */
  adapterFields(adapterId: string | undefined): Promise<JsonObject>;
  /** OpenAI's body in this system's words. @throws {UnsupportedFeatureError} */
  translate(body: JsonObject, request: GenerateRequest): Promise<JsonObject>;
  status(inFlight: number, limit: number): Promise<EngineStatus>;
  tokenize(text: string, options: TokenizeOptions): Promise<Tokens>;
  embed(text: string, signal: AbortSignal | undefined): Promise<Embedding>;
  loadAdapter(request: { readonly name: string; readonly path: string; readonly loadInPlace?: boolean }): Promise<void>;
  unloadAdapter(name: string): Promise<void>;
  /** The error for a refusal that has a meaning of its own here. */
  explain(facts: RefusalFacts, adapterId: string | undefined): Error | undefined;
  /** The engine may have been replaced: nothing learned about it holds. */
  forget(): void;
}

export interface DialectContext {
  readonly connection: Connection;
  /** The engine keeps prompt caches of different adapters apart by itself. */
  readonly trustPrefixCache: boolean;
  readonly nowMs: () => number;
}
