import { closeSync, openSync, writeSync } from "node:fs";
import { type BlockType, blockTypes } from "./gguf-quantise.ts";

/** GGUF v3 as llama.cpp reads it: github.com/ggml-org/ggml, docs/gguf.md. */
const scalarTypes = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  u64: 10,
  i64: 11,
  f64: 12,
} as const;
const arrayType = 9;

export type ScalarType = keyof typeof scalarTypes;
type Scalar = number | bigint | boolean | string;
export type GgufValue =
  | readonly [type: ScalarType, value: Scalar]
  | readonly [type: "array", of: ScalarType, values: ArrayLike<Scalar>];

export interface GgufTensor {
  readonly name: string;
  /** ggml's order: the length of a row first. */
  readonly dimensions: readonly number[];
  readonly type: BlockType;
  /** The tensor's values in order, in pieces of whole rows. Each piece may be reused by its maker after it was taken. */
  readonly values: () => Iterable<Float32Array>;
}

export interface GgufContent {
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly tensors: readonly GgufTensor[];
}

/** Writes a whole file, tensor by tensor, so that a model need not fit into memory. */
export function writeGguf(path: string, { metadata, tensors }: GgufContent): void {
  const alignment = Number(metadata["general.alignment"]?.[1] ?? 32);
  const file = openSync(path, "w");
  try {
    let position = writeAll(file, renderHeader(metadata, tensors, alignment));
    position += writeAll(file, new Uint8Array(padding(position, alignment)));
    for (const tensor of tensors) {
      let written = 0;
      for (const values of tensor.values()) written += writeAll(file, blockTypes[tensor.type].encode(values));
      if (written !== bytesOf(tensor))
        throw new RangeError(`${tensor.name}: ${written} bytes instead of ${bytesOf(tensor)}`);
      writeAll(file, new Uint8Array(padding(written, alignment)));
    }
  } finally {
    closeSync(file);
  }
}

function renderHeader(
  metadata: GgufContent["metadata"],
  tensors: readonly GgufTensor[],
  alignment: number,
): Uint8Array {
  const bytes = new ByteWriter();
  bytes.raw(Buffer.from("GGUF"));
  bytes.scalar("u32", 3);
  bytes.scalar("u64", tensors.length);
  bytes.scalar("u64", Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) {
    bytes.scalar("string", key);
    if (value[0] === "array") {
      bytes.scalar("u32", arrayType);
      bytes.scalar("u32", scalarTypes[value[1]]);
      bytes.scalar("u64", value[2].length);
      for (const item of Array.from(value[2])) bytes.scalar(value[1], item);
    } else {
      bytes.scalar("u32", scalarTypes[value[0]]);
      bytes.scalar(value[0], value[1]);
    }
  }
  let offset = 0;
  for (const tensor of tensors) {
    bytes.scalar("string", tensor.name);
    bytes.scalar("u32", tensor.dimensions.length);
    for (const length of tensor.dimensions) bytes.scalar("u64", length);
    bytes.scalar("u32", blockTypes[tensor.type].id);
    bytes.scalar("u64", offset);
    offset += bytesOf(tensor) + padding(bytesOf(tensor), alignment);
  }
  return bytes.done();
}

function bytesOf({ dimensions, type }: GgufTensor): number {
  const { values, bytes } = blockTypes[type];
  if ((dimensions[0] ?? 0) % values !== 0) throw new RangeError(`${type} needs rows of a multiple of ${values}`);
  return (dimensions.reduce((product, length) => product * length, 1) / values) * bytes;
}

function padding(length: number, alignment: number): number {
  return (alignment - (length % alignment)) % alignment;
}

function writeAll(file: number, bytes: Uint8Array): number {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done);
  return done;
}

/** A growing little-endian buffer. */
class ByteWriter {
  #buffer = Buffer.alloc(1 << 16);
  #length = 0;

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  scalar(type: ScalarType, value: Scalar): void {
    if (type === "string") {
      const text = Buffer.from(String(value), "utf8");
      this.scalar("u64", text.length);
      this.raw(text);
      return;
    }
    this.#reserve(8);
    this.#length = writers[type](this.#buffer, value, this.#length);
  }

  done(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + more));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

const writers: Record<Exclude<ScalarType, "string">, (buffer: Buffer, value: Scalar, at: number) => number> = {
  u8: (buffer, value, at) => buffer.writeUInt8(Number(value), at),
  i8: (buffer, value, at) => buffer.writeInt8(Number(value), at),
  u16: (buffer, value, at) => buffer.writeUInt16LE(Number(value), at),
  i16: (buffer, value, at) => buffer.writeInt16LE(Number(value), at),
  u32: (buffer, value, at) => buffer.writeUInt32LE(Number(value), at),
  i32: (buffer, value, at) => buffer.writeInt32LE(Number(value), at),
  f32: (buffer, value, at) => buffer.writeFloatLE(Number(value), at),
  bool: (buffer, value, at) => buffer.writeUInt8(value === true ? 1 : 0, at),
  u64: (buffer, value, at) => buffer.writeBigUInt64LE(BigInt(value), at),
  i64: (buffer, value, at) => buffer.writeBigInt64LE(BigInt(value), at),
  f64: (buffer, value, at) => buffer.writeDoubleLE(Number(value), at),
};
