import { type GgufTensor, type GgufValue, writeGguf } from "./gguf-format.ts";
import { type BlockType, blockTypes } from "./gguf-quantise.ts";
import { bosToken, chatMl, eosToken, makeVocabulary, specialTokens } from "./gguf-vocabulary.ts";

export { type GgufContent, type GgufTensor, type GgufValue, writeGguf } from "./gguf-format.ts";

/** The shape of a Llama model. */
export interface ModelShape {
  /** Width of the residual stream; a multiple of `heads`, and of 32 when quantised. */
  readonly dimensions: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads?: number;
  readonly feedForward?: number;
}

export interface ModelOptions extends ModelShape {
  readonly vocabulary?: number;
  readonly contextSize?: number;
  readonly seed?: number;
  readonly type?: BlockType;
  readonly name?: string;
  /** Null: none. Default: ChatML. */
  readonly chatTemplate?: string | null;
  readonly metadata?: Readonly<Record<string, GgufValue>>;
}

export const tinyShape = {
  dimensions: 64,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 128,
} as const satisfies ModelShape;

/** 0.3 billion parameters, as the benches use them. */
export const benchShape = {
  dimensions: 1024,
  layers: 24,
  heads: 16,
  keyValueHeads: 4,
  feedForward: 2816,
} as const satisfies ModelShape;

/**
 * A Llama model with seeded random weights. Greedy replies are whole letters and do not end by themselves: the output rows of control and
 * byte tokens are zero.
 */
export function writeTinyModel(path: string, options: Partial<ModelOptions> = {}): void {
  const shape = { ...tinyShape, ...options };
  const { dimensions, layers, heads } = shape;
  const keyValueHeads = shape.keyValueHeads ?? heads;
  const type = options.type ?? "F32";
  const vocabulary = makeVocabulary(options.vocabulary ?? 1024);
  const size = vocabulary.tokens.length;
  const random = new Random(options.seed ?? 1);
  const template = options.chatTemplate === undefined ? chatMl : options.chatTemplate;
  const tensors: GgufTensor[] = [
    randomTensor("token_embd.weight", [dimensions, size], 1, type, random),
    filled("output_norm.weight", dimensions, 1),
    randomTensor("output.weight", [dimensions, size], 3 / Math.sqrt(dimensions), type, random, vocabulary.firstPiece),
  ];
  for (let layer = 0; layer < layers; layer++) {
    tensors.push(
      filled(`blk.${layer}.attn_norm.weight`, dimensions, 1),
      filled(`blk.${layer}.ffn_norm.weight`, dimensions, 1),
    );
    for (const { name, inputs, outputs } of projections(layer, shape)) {
      tensors.push(randomTensor(`${name}.weight`, [inputs, outputs], 1 / Math.sqrt(inputs), type, random));
    }
  }
  writeGguf(path, {
    metadata: {
      "general.architecture": ["string", "llama"],
      "general.type": ["string", "model"],
      "general.name": ["string", options.name ?? "random"],
      "general.file_type": ["u32", blockTypes[type].fileType],
      "llama.context_length": ["u32", options.contextSize ?? 512],
      "llama.embedding_length": ["u32", dimensions],
      "llama.block_count": ["u32", layers],
      "llama.feed_forward_length": ["u32", feedForwardOf(shape)],
      "llama.attention.head_count": ["u32", heads],
      "llama.attention.head_count_kv": ["u32", keyValueHeads],
      "llama.attention.layer_norm_rms_epsilon": ["f32", 1e-5],
      "llama.rope.dimension_count": ["u32", dimensions / heads],
      "llama.rope.freq_base": ["f32", 10_000],
      "llama.vocab_size": ["u32", size],
      "tokenizer.ggml.model": ["string", "llama"],
      "tokenizer.ggml.pre": ["string", "default"],
      "tokenizer.ggml.tokens": ["array", "string", vocabulary.tokens],
      "tokenizer.ggml.scores": ["array", "f32", vocabulary.scores],
      "tokenizer.ggml.token_type": ["array", "i32", vocabulary.types],
      "tokenizer.ggml.bos_token_id": ["u32", bosToken],
      "tokenizer.ggml.eos_token_id": ["u32", eosToken],
      "tokenizer.ggml.eot_token_id": ["u32", specialTokens.indexOf("<|im_end|>")],
      "tokenizer.ggml.unknown_token_id": ["u32", 0],
      "tokenizer.ggml.add_bos_token": ["bool", true],
      "tokenizer.ggml.add_eos_token": ["bool", false],
      // Otherwise text after a special token gets a space in front, and grammars that know the template's text do not recognise it.
      "tokenizer.ggml.add_space_prefix": ["bool", false],
      ...(template === null ? {} : { "tokenizer.chat_template": ["string", template] }),
      ...options.metadata,
    },
    tensors,
  });
}

export interface LoraOptions extends ModelShape {
  readonly rank?: number;
  readonly alpha?: number;
  readonly seed?: number;
  readonly type?: "F32" | "F16";
  /** All weights zero: an adapter that changes nothing. */
  readonly zero?: boolean;
  readonly architecture?: string;
  readonly metadata?: Readonly<Record<string, GgufValue>>;
}

/** A LoRA adapter on attention and MLP of a model of the same shape, strong enough to change every reply. */
export function writeLora(path: string, options: Partial<LoraOptions> = {}): void {
  const shape = { ...tinyShape, ...options };
  const rank = options.rank ?? 4;
  const type = options.type ?? "F16";
  const random = new Random(options.seed ?? 1);
  const strength = options.zero === true ? 0 : 1;
  const tensors: GgufTensor[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    for (const { name, inputs, outputs } of projections(layer, shape)) {
      tensors.push(
        randomTensor(`${name}.weight.lora_a`, [inputs, rank], strength / Math.sqrt(inputs), type, random),
        randomTensor(`${name}.weight.lora_b`, [rank, outputs], strength / Math.sqrt(rank), type, random),
      );
    }
  }
  writeGguf(path, {
    metadata: {
      "general.architecture": ["string", options.architecture ?? "llama"],
      "general.type": ["string", "adapter"],
      "general.file_type": ["u32", blockTypes[type].fileType],
      "adapter.type": ["string", "lora"],
      "adapter.lora.alpha": ["f32", options.alpha ?? rank],
      ...options.metadata,
    },
    tensors,
  });
}

function projections(layer: number, shape: ModelShape): readonly { name: string; inputs: number; outputs: number }[] {
  const { dimensions, heads } = shape;
  const keyValue = (dimensions / heads) * (shape.keyValueHeads ?? heads);
  const hidden = feedForwardOf(shape);
  const at = (name: string, inputs: number, outputs: number) => ({ name: `blk.${layer}.${name}`, inputs, outputs });
  return [
    at("attn_q", dimensions, dimensions),
    at("attn_k", dimensions, keyValue),
    at("attn_v", dimensions, keyValue),
    at("attn_output", dimensions, dimensions),
    at("ffn_gate", dimensions, hidden),
    at("ffn_up", dimensions, hidden),
    at("ffn_down", hidden, dimensions),
  ];
}

function feedForwardOf(shape: ModelShape): number {
  return shape.feedForward ?? shape.dimensions * 2;
}

function filled(name: string, length: number, value: number): GgufTensor {
  return { name, dimensions: [length], type: "F32", values: () => [new Float32Array(length).fill(value)] };
}

/** @param zeroRows so many rows at the start are zero */
function randomTensor(
  name: string,
  [columns, rows]: readonly [number, number],
  deviation: number,
  type: BlockType,
  random: Random,
  zeroRows = 0,
): GgufTensor {
  const rowsAtOnce = Math.max(1, Math.floor((1 << 18) / columns));
  function* values(): Generator<Float32Array> {
    const piece = new Float32Array(rowsAtOnce * columns);
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const length = Math.min(rowsAtOnce, rows - row) * columns;
      random.fill(piece, deviation);
      if (row < zeroRows) piece.fill(0, 0, Math.min(length, (zeroRows - row) * columns));
      yield piece.subarray(0, length);
    }
  }
  return { name, dimensions: [columns, rows], type, values };
}

/** xorshift32: good enough for weights, and a billion of them in seconds. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b9) | 1;
  }

  /** Uniform numbers around zero with the given standard deviation. */
  fill(target: Float32Array, deviation: number): void {
    const scale = (deviation * Math.sqrt(3)) / 2 ** 31;
    let state = this.#state;
    for (let i = 0; i < target.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      target[i] = state * scale;
    }
    this.#state = state;
  }
}
