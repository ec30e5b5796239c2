import { stat } from "node:fs/promises";
import { ModelShapeUnknownError } from "../errors.ts";
import { readGgufHeader } from "./gguf-header.ts";

/** What a dense transformer's memory depends on. */
export interface ModelShape {
  readonly layers: number;
  /** Width of the residual stream. */
  readonly width: number;
  readonly heads: number;
  /** Fewer than `heads` where several share keys and values (GQA). */
  readonly keyValueHeads: number;
  /** Numbers in one head's key, and in its value. */
  readonly keySize: number;
  readonly valueSize: number;
  readonly feedForward: number;
  readonly vocabulary: number;
}

export interface ModelFile {
  readonly shape: ModelShape;
  readonly architecture: string;
  /** Tokens it was trained for. */
  readonly trainedContext: number;
  /** What its weights take in memory: the file without its header. */
  readonly bytes: number;
}

/**
 * Reads how large a model is from the header of its GGUF file.
 * @throws {ModelShapeUnknownError} no GGUF file, or of an architecture whose memory does not grow with keys and values alone
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  let header: Awaited<ReturnType<typeof readGgufHeader>>;
  let size: number;
  try {
    header = await readGgufHeader(path);
    ({ size } = await stat(path));
  } catch (cause) {
    throw new ModelShapeUnknownError(cause instanceof Error ? cause.message : "it cannot be read", cause);
  }
  const { metadata, tensors } = header;
  const architecture = branch(metadata, "general")["architecture"];
  if (typeof architecture !== "string") throw new ModelShapeUnknownError("its header names no architecture");
  const own = branch(metadata, architecture);
  const attention = branch(own, "attention");
  if ("ssm" in own || "kv_lora_rank" in attention)
    throw new ModelShapeUnknownError(
      `what "${architecture}" keeps of a conversation is not keys and values of every head`,
    );
  const needed = (tree: Readonly<Record<string, unknown>>, key: string): number => {
    const value = tree[key];
    if (typeof value === "number" && value >= 1) return value;
    throw new ModelShapeUnknownError(`its header does not say ${key} as one number`);
  };
  const orElse = (tree: Readonly<Record<string, unknown>>, key: string, otherwise: number): number => {
    const value = tree[key];
    return typeof value === "number" && value >= 1 ? value : otherwise;
  };
  const width = needed(own, "embedding_length");
  const heads = needed(attention, "head_count");
  const headSize = Math.ceil(width / heads);
  const vocabulary = tensors.find(({ name }) => name === "token_embd.weight")?.dimensions[1];
  return {
    architecture,
    trainedContext: needed(own, "context_length"),
    bytes: size - Math.min(size, ...tensors.map(({ fileOffset }) => fileOffset)),
    shape: {
      layers: needed(own, "block_count"),
      width,
      heads,
      keyValueHeads: orElse(attention, "head_count_kv", heads),
      keySize: orElse(attention, "key_length", headSize),
      valueSize: orElse(attention, "value_length", headSize),
      feedForward: needed(own, "feed_forward_length"),
      vocabulary: vocabulary ?? needed(own, "vocab_size"),
    },
  };
}

function branch(tree: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = tree[key];
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
