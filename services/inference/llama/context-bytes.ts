import type { ModelShape } from "./model-shape.ts";

export interface ContextLayout {
  readonly tokensPerSequence: number;
  readonly sequences: number;
  readonly batchTokens: number;
  readonly flashAttention: boolean;
}

/** Keys and values are kept as 16-bit numbers, results of a step as 32-bit ones. */
const keptBytes = 2;
const computedBytes = 4;

/** Cells of one sequence: llama.cpp divides a context's cells evenly among its sequences and wants multiples of 256. */
export function cellsPerSequence(tokens: number): number {
  return Math.ceil(tokens / 256) * 256;
}

/** llama.cpp aborts the process when a batch cannot hold a token of every sequence. */
export function batchOf({ batchTokens, sequences }: Pick<ContextLayout, "batchTokens" | "sequences">): number {
  return Math.max(batchTokens, sequences);
}

/**
 * What one context will take, bytes: the keys and values of all its cells, and the buffers of one step.
 *
 * Keys and values are exact. The buffers are what llama.cpp was seen to reserve for Llama-shaped models, whichever of its phases takes most:
 * the logits, the feed-forward network, or, without flash attention, the scores of every head. tests/model/capacity.test.ts compares.
 */
export function contextBytes(shape: ModelShape, layout: ContextLayout): number {
  return keyValueBytes(shape, layout) + batchOf(layout) * stepBytesPerToken(shape, layout);
}

/** Bytes of the keys and values of all cells of a context. */
export function keyValueBytes(shape: ModelShape, { tokensPerSequence, sequences }: ContextLayout): number {
  const perCell = shape.layers * shape.keyValueHeads * (shape.keySize + shape.valueSize) * keptBytes;
  return cellsPerSequence(tokensPerSequence) * sequences * perCell;
}

function stepBytesPerToken(shape: ModelShape, { tokensPerSequence, flashAttention }: ContextLayout): number {
  const { width, heads, feedForward, vocabulary } = shape;
  const cells = cellsPerSequence(tokensPerSequence);
  // The few bytes at the end of each are positions and the like.
  const logits = computedBytes * (vocabulary + 2 * width) + 4;
  const network = computedBytes * (3 * feedForward + 4 * width) + keptBytes * cells + 28;
  const scores = flashAttention ? 0 : computedBytes * (heads * cells + cells + 7 * width) + 20;
  return Math.max(logits, network, scores);
}

/** Weights of a dense Llama-shaped model. @param tied whether the output shares the embedding's weights */
export function parameterCount(shape: ModelShape, tied: boolean): number {
  const { layers, width, vocabulary } = shape;
  const pairs = projections(shape).reduce((sum, [inputs, outputs]) => sum + inputs * outputs, 0);
  return vocabulary * width * (tied ? 1 : 2) + layers * (pairs + 2 * width) + width;
}

/** A LoRA adapter of all seven projections of every layer, bytes. @param bytesPerWeight 2: as converters write them */
export function adapterBytes(shape: ModelShape, rank: number, bytesPerWeight = 2): number {
  const perLayer = projections(shape).reduce((sum, [inputs, outputs]) => sum + inputs + outputs, 0);
  return shape.layers * rank * perLayer * bytesPerWeight;
}

/** [inputs, outputs] of query, key, value, output, gate, up and down. */
function projections(shape: ModelShape): readonly (readonly [inputs: number, outputs: number])[] {
  const { width, heads, keyValueHeads, keySize, valueSize, feedForward } = shape;
  return [
    [width, heads * keySize],
    [width, keyValueHeads * keySize],
    [width, keyValueHeads * valueSize],
    [heads * valueSize, width],
    [width, feedForward],
    [width, feedForward],
    [feedForward, width],
  ];
}
