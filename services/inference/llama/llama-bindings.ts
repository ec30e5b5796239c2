/**
 * node-llama-cpp, narrowed to what the engine needs. The only file that touches its internals: batches, KV cells and LoRA weights are
 * not in its public API. The version is pinned exactly; tests/model/llama-bindings.contract.test.ts fails loudly when they change.
 */
import { availableParallelism } from "node:os";
import { getLlama, type Llama, LlamaGrammarEvaluationState, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";
import type { Logger } from "../../foundation/index.ts";
import { BaseModelRejectedError, EngineMemoryError } from "../errors.ts";
import { batchOf, cellsPerSequence } from "./context-bytes.ts";
import { OneByOne } from "./one-by-one.ts";

interface AddonModel {
  tokenize(text: string, parseSpecial: boolean): Uint32Array;
  detokenize(tokens: Uint32Array, special: boolean): string;
  getTokenString(token: number): string;
  isEogToken(token: number): boolean;
  getTokenAttributes(token: number): number;
  tokenBos(): number;
  tokenEos(): number;
  shouldPrependBosToken(): boolean;
  loadLora(lora: AddonLora): Promise<void>;
  getEmbeddingVectorSize(): number;
}
interface AddonLora {
  dispose(): Promise<void>;
}
type AddonSampler = { applyConfig(config: object): void; dispose(): void };
interface AddonContext {
  init(): Promise<boolean>;
  dispose(): Promise<void>;
  initBatch(size: number): void;
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitIndexes: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(index: number, sampler: AddonSampler): Promise<number>;
  sampleToken(
    index: number,
    sampler: AddonSampler,
    probabilities: boolean,
    confidence: boolean,
    logits: [tokens: readonly number[], max: boolean, min: boolean, selected: boolean, top: number],
    totalWeight: boolean,
  ): Promise<[number, unknown, unknown, number[] | undefined, number | undefined]>;
  disposeSequence(sequence: number): void;
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  getSequenceKvCacheMinPosition(sequence: number): number;
  shiftSequenceTokenCells(sequence: number, from: number, to: number, delta: number): void;
  getEmbedding(tokens: number): Float64Array;
  getStateSize(): number;
  getMemoryBreakdown(): { cpuRam: number; gpuVram: number };
  setLoras(loras: AddonLora[], scales: number[]): void;
  setThreads(threads: number): void;
}
interface Bindings {
  AddonContext: new (model: AddonModel, options: object) => AddonContext;
  AddonModelLora: new (model: AddonModel, path: string) => AddonLora;
  AddonSampler: new (model: AddonModel) => AddonSampler;
  AddonJinjaRenderer: new (template: string) => { render(items: object): string };
}

export interface SamplerConfig {
  /** 0 = greedy. */
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repeatPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  /** Unsigned 32 bit. */
  readonly seed: number;
  readonly grammar?: NativeGrammar;
}

/** A grammar that a sampler enforces; one use each, because it remembers how far the text has come. */
export interface NativeGrammar {
  readonly state: LlamaGrammarEvaluationState;
}

export interface NativeSampler {
  readonly addon: AddonSampler;
  /** From now on one of these tokens is chosen, by the model's own preference; at least one. */
  allowOnly(tokens: readonly number[]): void;
  dispose(): void;
}

export interface BatchItem {
  readonly sequence: number;
  /** Position of the first token in the sequence. */
  readonly position: number;
  readonly tokens: readonly number[];
  /** Whether the logits after the last token are wanted. */
  readonly wantLogits: boolean;
}

export interface TokenWeights {
  readonly token: number;
  /** log-probability of `token` under the model itself. */
  readonly logprob: number;
  /** The most probable tokens, best first. */
  readonly top: readonly { readonly token: number; readonly logprob: number }[];
}

/** KV memory bound to one adapter. Calls on one context must not overlap. */
export interface NativeContext {
  /** Computes the items in one step; answers for each item the index to sample from, or −1. @throws if the step fails; KV is then unknown */
  decode(items: readonly BatchItem[]): Promise<readonly number[]>;
  sample(logitIndex: number, sampler: NativeSampler): Promise<number>;
  /** The model's own distribution around an already chosen token. */
  weigh(logitIndex: number, token: number, topCount: number): Promise<TokenWeights>;
  /** Forgets positions [from, to) of a sequence; to = −1: to the end. False: this model's memory cannot forget only a part. */
  forget(sequence: number, from: number, to: number): boolean;
  /** The first position of a sequence that is still in memory; −1 when there is none. */
  firstPosition(sequence: number): number;
  /** Moves positions [from, to) of a sequence by `delta`. */
  shift(sequence: number, from: number, to: number, delta: number): void;
  /** Cores the next steps may use. */
  setThreads(threads: number): void;
  /** Embedding of the last decoded input. */
  embedding(tokens: number): Float64Array;
  readonly bytes: number;
  /** Of `bytes`, those in graphics memory. */
  readonly gpuBytes: number;
  dispose(): Promise<void>;
}

export interface NativeLora {
  readonly addon: AddonLora;
  dispose(): Promise<void>;
}

export interface ContextOptions {
  readonly tokensPerSequence: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly threads: number;
  readonly flashAttention: boolean;
  readonly embeddings?: boolean;
  readonly lora?: NativeLora;
}

export interface NativeModel {
  readonly description: {
    readonly architecture: string | null;
    readonly quantization: string | null;
    readonly parameters: number | null;
    readonly bytes: number;
    readonly trainContextSize: number;
    readonly embeddingSize: number;
    readonly gpu: string | false;
    readonly gpuLayers: number;
  };
  readonly chatTemplate: string | null;
  readonly bosText: string;
  readonly eosText: string;
  /** Special-token texts in `text` become special tokens only when `parseSpecial`. */
  tokenize(text: string, parseSpecial: boolean): number[];
  /** Puts the beginning-of-sequence token first if the model wants one and it is not there. */
  withBeginning(tokens: number[]): number[];
  /** @param withControl whether control tokens are written out; else they are left out */
  detokenize(tokens: readonly number[], withControl?: boolean): string;
  /** What a token adds to a text. */
  piece(token: number): string;
  /** A token's bytes; of one that is only part of a character, just those. */
  pieceBytes(token: number): readonly number[];
  /** How a control token is written in a template. */
  controlText(token: number): string;
  endsGeneration(token: number): boolean;
  /** What the model says at the end of its turn. */
  readonly endTokens: readonly number[];
  /** Control tokens steer the model (turn markers and the like); users must not be able to type them. */
  isControl(token: number): boolean;
  renderTemplate(template: string, items: object): string;
  /** @throws {EngineMemoryError} llama.cpp could make none, as a rule because memory is short; nothing stays behind */
  createContext(options: ContextOptions): Promise<NativeContext>;
  /** Graphics memory nobody uses now, bytes; undefined: the model lies in host memory alone, or the driver does not tell. */
  freeGpuBytes(): Promise<number | undefined>;
  loadLora(path: string): Promise<NativeLora>;
  createSampler(config: SamplerConfig): NativeSampler;
  /** @throws Error the schema uses what the grammar generator does not know */
  createSchemaGrammar(schema: object): Promise<NativeGrammar>;
  createJsonGrammar(): Promise<NativeGrammar>;
  dispose(): Promise<void>;
}

export interface LoadModelOptions {
  readonly path: string;
  readonly gpu: "auto" | "off" | "cuda" | "vulkan";
  /** −1 = as many as fit. */
  readonly gpuLayers: number;
  readonly useMmap: boolean;
  /** Upper limit for every context; 0 = the math cores ggml finds. */
  readonly threads: number;
  readonly log: Logger;
  readonly onProgress?: (fraction: number) => void;
}

/** @throws {BaseModelRejectedError} the file is not a model llama.cpp can load */
export async function loadNativeModel(options: LoadModelOptions): Promise<NativeModel & { readonly threads: number }> {
  const llama = await getLlama({
    gpu: options.gpu === "off" ? false : options.gpu,
    build: "never",
    progressLogs: false,
    maxThreads: options.threads,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => {
      if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal)
        options.log.error({ detail: message.trim() }, "llama");
      else if (level === LlamaLogLevel.warn) options.log.debug({ detail: message.trim() }, "llama");
    },
  });
  // Physical cores; in a container with fewer, those it may use. More threads than cores spin at ggml's barriers.
  const threads =
    options.threads > 0 ? options.threads : Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()));
  let model: LlamaModel;
  try {
    model = await llama.loadModel({
      modelPath: options.path,
      useMmap: options.useMmap,
      ...(options.gpuLayers >= 0 ? { gpuLayers: options.gpuLayers } : {}),
      ...(options.onProgress === undefined ? {} : { onLoadProgress: options.onProgress }),
    });
  } catch (cause) {
    await llama.dispose();
    throw new BaseModelRejectedError(
      "llama.cpp cannot read it (truncated, corrupt or of an unknown architecture)",
      cause,
    );
  }
  return Object.assign(nativeModel(llama, model), { threads });
}

/** Added to a logit, puts it above all others; small enough that a 32-bit number still tells those lifted apart. */
const outOfReach = 1000;

/** LLAMA_TOKEN_ATTR_CONTROL of llama.h. */
const controlAttribute = 1 << 3;

function nativeModel(llama: Llama, model: LlamaModel): NativeModel {
  const addon = (model as unknown as { _model: AddonModel })._model;
  const bindings = (llama as unknown as { _bindings: Bindings })._bindings;
  const metadata = model.fileInfo.metadata;
  const templates = new Map<string, { render(items: object): string }>();
  const grammars = new Map<string, Awaited<ReturnType<Llama["createGrammar"]>>>();
  // llama.cpp keeps a model's adapters in a list without a lock (llama_model::loras): adapters coming and going write it, contexts that
  // lay out their graph read it, each on a thread of its own. Overlapping, they crash the process.
  const adapterList = new OneByOne();
  // Detokenizers drop the space in front of a text's first word, so a piece needs a neighbour to show its own.
  const [anchor = 0] = addon.tokenize("a", false);
  const anchorText = addon.detokenize(Uint32Array.of(anchor), false);
  const piece = (token: number): string =>
    addon.detokenize(Uint32Array.of(anchor, token), false).slice(anchorText.length);

  const tokenizerModel = metadata.tokenizer?.ggml as { add_bos_token?: boolean } | undefined;
  return {
    description: {
      architecture: metadata.general.architecture ?? null,
      quantization: fileTypeName(model.typeDescription),
      parameters: countParameters(model),
      bytes: model.size,
      trainContextSize: model.trainContextSize,
      embeddingSize: addon.getEmbeddingVectorSize(),
      gpu: llama.gpu,
      gpuLayers: model.gpuLayers,
    },
    chatTemplate: (metadata.tokenizer as { chat_template?: string } | undefined)?.chat_template ?? null,
    bosText: model.tokens.bosString ?? "",
    eosText: model.tokens.eosString ?? "",
    tokenize: (text, parseSpecial) => (text === "" ? [] : Array.from(addon.tokenize(text, parseSpecial))),
    withBeginning: (tokens) => {
      const bos = model.tokens.bos;
      const wanted = tokenizerModel?.add_bos_token ?? model.tokens.shouldPrependBosToken;
      return wanted && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
    },
    detokenize: (tokens, withControl = false) => addon.detokenize(Uint32Array.from(tokens), withControl),
    piece,
    pieceBytes: (token) => {
      const byte = /^<0x([0-9A-F]{2})>$/.exec(addon.getTokenString(token))?.[1];
      return byte === undefined ? [...Buffer.from(piece(token))] : [Number.parseInt(byte, 16)];
    },
    controlText: (token) => addon.getTokenString(token),
    endsGeneration: (token) => addon.isEogToken(token),
    endTokens: [...new Set([model.tokens.eot, model.tokens.eos].filter((token) => token !== null))],
    isControl: (token) => (addon.getTokenAttributes(token) & controlAttribute) !== 0,
    renderTemplate: (template, items) => {
      let renderer = templates.get(template);
      if (renderer === undefined) {
        renderer = new bindings.AddonJinjaRenderer(template);
        templates.set(template, renderer);
      }
      return renderer.render(items);
    },
    createContext: (contextOptions) => adapterList.run(() => createNativeContext(bindings, addon, contextOptions)),
    freeGpuBytes: async () => {
      if (llama.gpu === false || model.gpuLayers === 0) return undefined;
      const { total, free } = await llama.getVramState();
      return total === 0 ? undefined : free;
    },
    loadLora: async (path) => {
      const lora = new bindings.AddonModelLora(addon, path);
      await adapterList.run(() => addon.loadLora(lora));
      return { addon: lora, dispose: () => adapterList.run(() => lora.dispose()) };
    },
    createSampler: (config) => {
      const sampler = new bindings.AddonSampler(addon);
      const settings = {
        temperature: config.temperature,
        topK: config.topK,
        topP: config.topP,
        minP: config.minP,
        seed: config.seed,
        repeatPenalty: config.repeatPenalty,
        repeatPenaltyFrequencyPenalty: config.frequencyPenalty,
        repeatPenaltyPresencePenalty: config.presencePenalty,
        repeatPenaltyMaxTokens: 64,
        repeatPenaltyTokens: new Uint32Array(0),
        ...(config.grammar === undefined
          ? {}
          : { grammarEvaluationState: (config.grammar.state as unknown as { _state: unknown })._state }),
      };
      sampler.applyConfig(settings);
      return {
        addon: sampler,
        allowOnly: (tokens) =>
          // The sampler keeps its place in the sequence of chance: only what differs from before is set anew.
          sampler.applyConfig({
            ...settings,
            tokenBiasKeys: Uint32Array.from(tokens),
            tokenBiasValues: new Float32Array(tokens.length).fill(outOfReach),
          }),
        dispose: () => sampler.dispose(),
      };
    },
    createSchemaGrammar: async (schema) => {
      const key = JSON.stringify(schema);
      let grammar = grammars.get(key);
      if (grammar === undefined) {
        grammar = await llama.createGrammarForJsonSchema(schema as never);
        if (grammars.size >= 64) grammars.clear();
        grammars.set(key, grammar);
      }
      return { state: new LlamaGrammarEvaluationState({ model, grammar }) };
    },
    createJsonGrammar: async () => {
      const grammar = grammars.get("json") ?? (await llama.getGrammarFor("json"));
      grammars.set("json", grammar);
      return { state: new LlamaGrammarEvaluationState({ model, grammar }) };
    },
    dispose: async () => {
      await model.dispose();
      await llama.dispose();
    },
  };
}

async function createNativeContext(
  bindings: Bindings,
  model: AddonModel,
  options: ContextOptions,
): Promise<NativeContext> {
  const greedy = new bindings.AddonSampler(model);
  greedy.applyConfig({});
  const context = new bindings.AddonContext(model, {
    contextSize: cellsPerSequence(options.tokensPerSequence) * options.sequences,
    sequences: options.sequences,
    batchSize: batchOf(options),
    threads: options.threads,
    flashAttention: options.flashAttention ? "auto" : false,
    embeddings: options.embeddings ?? false,
  });
  try {
    if (!(await context.init())) throw new Error("llama.cpp could not create a context");
    if (options.lora !== undefined) {
      context.setLoras([options.lora.addon], [1]);
      await layOutGraph(context);
    }
  } catch (cause) {
    greedy.dispose();
    await context.dispose();
    throw new EngineMemoryError(2, cause);
  }
  const { cpuRam, gpuVram } = context.getMemoryBreakdown();
  let { threads } = options;
  // One sampler, one list of candidates in it: two threads must not fill it at once.
  const weighing = new OneByOne();
  return {
    decode: async (items) => {
      context.initBatch(items.reduce((sum, item) => sum + item.tokens.length, 0));
      const indexes = items.map((item) => {
        const last = Uint32Array.from(item.wantLogits ? [item.tokens.length - 1] : []);
        return context.addToBatch(item.sequence, item.position, Uint32Array.from(item.tokens), last)[0] ?? -1;
      });
      await context.decodeBatch();
      return indexes;
    },
    sample: (logitIndex, sampler) => context.sampleToken(logitIndex, sampler.addon),
    weigh: async (logitIndex, token, topCount) => {
      const [, , , logits = [], totalWeight = 1] = await weighing.run(() =>
        context.sampleToken(
          logitIndex,
          greedy,
          false,
          false,
          [[token], false, false, false, Math.max(1, topCount)],
          true,
        ),
      );
      return toLogprobs(token, topCount, logits, totalWeight);
    },
    forget: (sequence, from, to) => context.removeTokenCellsFromSequence(sequence, from, to),
    firstPosition: (sequence) => context.getSequenceKvCacheMinPosition(sequence),
    shift: (sequence, from, to, delta) => context.shiftSequenceTokenCells(sequence, from, to, delta),
    setThreads: (wanted) => {
      if (wanted !== threads) context.setThreads(wanted);
      threads = wanted;
    },
    embedding: (tokens) => context.getEmbedding(tokens),
    bytes: cpuRam + gpuVram,
    gpuBytes: gpuVram,
    dispose: async () => {
      greedy.dispose();
      await context.dispose();
    },
  };
}

/** The first step after an adapter is set lays the graph out anew; taken here, it reads the model's adapters while none comes or goes. */
async function layOutGraph(context: AddonContext): Promise<void> {
  context.initBatch(1);
  context.addToBatch(0, 0, Uint32Array.of(0), new Uint32Array(0));
  await context.decodeBatch();
  context.removeTokenCellsFromSequence(0, 0, -1);
}

/**
 * [token, logit, …] and the sum of exp(logit − max) → natural log-probabilities.
 * The addon lists the top tokens first, then the asked-for one; with a sorted list the first logit is the maximum.
 */
function toLogprobs(token: number, topCount: number, flat: readonly number[], totalWeight: number): TokenWeights {
  const pairs: { token: number; logit: number }[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push({ token: flat[i] as number, logit: flat[i + 1] as number });
  const max = pairs.reduce((most, pair) => Math.max(most, pair.logit), Number.NEGATIVE_INFINITY);
  const logprobOf = (logit: number): number => logit - max - Math.log(totalWeight);
  const chosen = pairs.find((pair) => pair.token === token);
  return {
    token,
    logprob: chosen === undefined ? Number.NEGATIVE_INFINITY : logprobOf(chosen.logit),
    top: pairs.slice(0, topCount).map((pair) => ({ token: pair.token, logprob: logprobOf(pair.logit) })),
  };
}

function fileTypeName(description: string): string | null {
  return description.split(" ").slice(2).join(" ") || null;
}

function countParameters(model: LlamaModel): number | null {
  const tensors = model.fileInfo.fullTensorInfo ?? model.fileInfo.tensorInfo;
  if (tensors === undefined) return null;
  return tensors.reduce(
    (sum, tensor) => sum + tensor.dimensions.reduce<number>((product, n) => product * Number(n), 1),
    0,
  );
}
