import { type FileHandle, open } from "node:fs/promises";

export interface GgufTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  /** ggml_type. */
  readonly type: number;
  /** Bytes from the start of the file. */
  readonly fileOffset: number;
}

export interface GgufHeader {
  /** Nested as the dotted keys are: `general.architecture` → general: { architecture }. Arrays are left out. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly tensors: readonly GgufTensor[];
}

/** GGUF value types by id (github.com/ggml-org/ggml, docs/gguf.md): bytes and reader of each. */
const scalars: Readonly<Record<number, readonly [bytes: number, read: (bytes: Buffer) => unknown]>> = {
  0: [1, (bytes) => bytes.readUInt8()],
  1: [1, (bytes) => bytes.readInt8()],
  2: [2, (bytes) => bytes.readUInt16LE()],
  3: [2, (bytes) => bytes.readInt16LE()],
  4: [4, (bytes) => bytes.readUInt32LE()],
  5: [4, (bytes) => bytes.readInt32LE()],
  6: [4, (bytes) => bytes.readFloatLE()],
  7: [1, (bytes) => bytes.readUInt8() !== 0],
  10: [8, (bytes) => Number(bytes.readBigUInt64LE())],
  11: [8, (bytes) => Number(bytes.readBigInt64LE())],
  12: [8, (bytes) => bytes.readDoubleLE()],
};
const stringType = 8;
const arrayType = 9;
const chunkBytes = 1 << 16;

/**
 * Reads a GGUF file's header. It believes no number in it: whatever reaches beyond the end of the file is a fault at once, so a broken or
 * hostile file costs no more than reading it.
 * @throws Error it is not a GGUF file of version 2 or 3, or its header is cut off or nonsense
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const file = await open(path, "r");
  try {
    return await new HeaderReader(file, (await file.stat()).size).header();
  } finally {
    await file.close();
  }
}

class HeaderReader {
  readonly #file: FileHandle;
  readonly #size: number;
  #at = 0;
  #chunk = Buffer.alloc(0);
  #chunkAt = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  async header(): Promise<GgufHeader> {
    if ((await this.#take(4)).toString("latin1") !== "GGUF") throw new Error("not a GGUF file");
    const version = await this.#number(4);
    if (version !== 2 && version !== 3) throw new Error(`GGUF version ${version}`);
    const tensorCount = await this.#count(24);
    const valueCount = await this.#count(13);
    const metadata: Record<string, unknown> = Object.create(null);
    for (let i = 0; i < valueCount; i++) {
      const key = await this.#string();
      plant(metadata, key.split("."), await this.#value(await this.#number(4)));
    }
    const tensors: GgufTensor[] = [];
    for (let i = 0; i < tensorCount; i++) tensors.push(await this.#tensor());
    const general = metadata["general"] as { readonly alignment?: unknown } | undefined;
    const alignment = Number(general?.alignment ?? 32);
    if (!(alignment >= 1)) throw new Error(`alignment ${alignment}`);
    const dataAt = Math.ceil(this.#at / alignment) * alignment;
    return { metadata, tensors: tensors.map((tensor) => ({ ...tensor, fileOffset: dataAt + tensor.fileOffset })) };
  }

  async #tensor(): Promise<GgufTensor> {
    const name = await this.#string();
    const rank = await this.#number(4);
    if (rank > 4) throw new Error(`a tensor of ${rank} dimensions`);
    const dimensions: number[] = [];
    for (let i = 0; i < rank; i++) dimensions.push(await this.#number(8));
    return { name, dimensions, type: await this.#number(4), fileOffset: await this.#number(8) };
  }

  async #value(type: number): Promise<unknown> {
    const scalar = scalars[type];
    if (scalar !== undefined) return scalar[1](await this.#take(scalar[0]));
    if (type === stringType) return await this.#string();
    if (type !== arrayType) throw new Error(`a value of type ${type}`);
    const itemType = await this.#number(4);
    const itemBytes = scalars[itemType]?.[0];
    const count = await this.#count(itemBytes ?? 8);
    if (itemBytes !== undefined) this.#skip(count * itemBytes);
    else if (itemType === stringType) for (let i = 0; i < count; i++) this.#skip(await this.#number(8));
    else throw new Error("an array of arrays");
    return undefined;
  }

  async #string(): Promise<string> {
    return (await this.#take(await this.#count(1))).toString("utf8");
  }

  /** A number of things of at least so many bytes each, all of which must still fit into the file. */
  async #count(leastBytes: number): Promise<number> {
    const count = await this.#number(8);
    if (count * leastBytes > this.#size - this.#at) throw new Error("the header reaches beyond the end of the file");
    return count;
  }

  async #number(bytes: 4 | 8): Promise<number> {
    const raw = await this.#take(bytes);
    return bytes === 4 ? raw.readUInt32LE() : Number(raw.readBigUInt64LE());
  }

  #skip(bytes: number): void {
    if (bytes > this.#size - this.#at) throw new Error("the header reaches beyond the end of the file");
    this.#at += bytes;
  }

  async #take(bytes: number): Promise<Buffer> {
    const from = this.#at;
    this.#skip(bytes);
    if (from < this.#chunkAt || from + bytes > this.#chunkAt + this.#chunk.length) {
      const chunk = Buffer.alloc(Math.min(Math.max(bytes, chunkBytes), this.#size - from));
      const { bytesRead } = await this.#file.read(chunk, 0, chunk.length, from);
      if (bytesRead < bytes) throw new Error("the file has become shorter");
      this.#chunk = chunk.subarray(0, bytesRead);
      this.#chunkAt = from;
    }
    return this.#chunk.subarray(from - this.#chunkAt, from - this.#chunkAt + bytes);
  }
}

function plant(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = "", ...rest] = path;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const branch = tree[head];
  const next: Record<string, unknown> =
    typeof branch === "object" && branch !== null ? (branch as Record<string, unknown>) : Object.create(null);
  tree[head] = next;
  plant(next, rest, value);
}
