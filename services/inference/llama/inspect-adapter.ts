import { open, stat } from "node:fs/promises";
import { AdapterRejectedError, type AdapterRejection } from "../errors.ts";
import { fileSha256 } from "../file-fingerprint.ts";
import { type GgufHeader, type GgufTensor, readGgufHeader } from "./gguf-header.ts";

export interface AdapterExpectation {
  /** Adapter id, for the error's text. */
  readonly id: string;
  readonly path: string;
  /** From the manifest, if it has one. */
  readonly sha256?: string;
  readonly baseArchitecture: string | null;
  readonly baseSha256: string;
  /** What the manifest says the adapter was trained on. */
  readonly trainedOnSha256?: string;
}

export interface AdapterFacts {
  readonly sha256: string;
  /** Of the file. */
  readonly bytes: number;
  /** Of the weights alone: what they take in memory. */
  readonly weightBytes: number;
  readonly rank: number;
  readonly alpha: number;
  /** Fingerprint of the base it was trained on, if the file or the manifest says so. */
  readonly baseSha256: string | null;
  readonly sector: string | null;
  readonly version: string | null;
}

const maxRank = 256;
/** Bytes per element of the types llama.cpp's converter writes for adapters: F32, F16, BF16. */
const elementBytes = new Map([
  [0, 4],
  [1, 2],
  [30, 2],
]);

/**
 * Looks at an adapter file before any traffic does.
 * @throws {AdapterRejectedError} with the reason
 */
export async function inspectAdapter(expected: AdapterExpectation): Promise<AdapterFacts> {
  const reject = (reason: AdapterRejection, detail: string): never => {
    throw new AdapterRejectedError(expected.id, reason, detail);
  };
  const header = await readHeader(expected.path, reject);
  const general = branch(header.metadata, "general");
  const adapter = branch(header.metadata, "adapter");
  if (general["type"] !== "adapter" || adapter["type"] !== "lora")
    reject("not_an_adapter", "it is a GGUF file, but not a LoRA adapter");
  if (expected.baseArchitecture !== null && general["architecture"] !== expected.baseArchitecture) {
    reject(
      "wrong_architecture",
      `it is for the architecture "${String(general["architecture"])}", the base is "${expected.baseArchitecture}"`,
    );
  }
  const { size } = await stat(expected.path);
  const end = Math.max(0, ...header.tensors.map(tensorEnd));
  if (header.tensors.length === 0 || end > size) reject("truncated", `${size} bytes of at least ${end} are there`);
  const rank = rankOf(header.tensors);
  if (rank < 1 || rank > maxRank)
    reject("unsupported_rank", `rank ${rank}; supported are 1 to ${maxRank}, the same in every layer`);
  const sha256 = await fileSha256(expected.path);
  if (expected.sha256 !== undefined && sha256 !== expected.sha256)
    reject("checksum_mismatch", "its bytes are not those of the manifest");
  const own = branch(header.metadata, "sektor");
  const trainedOn = textOf(own["base_sha256"]) ?? expected.trainedOnSha256 ?? null;
  if (trainedOn !== null && trainedOn !== expected.baseSha256)
    reject("wrong_base", "it was trained on another base model");
  if (!(await hasEffect(expected.path, header.tensors)))
    reject("zero_effect", "its weights are all zero: it would change nothing");
  const lora = branch(adapter, "lora");
  return {
    sha256,
    bytes: size,
    weightBytes: header.tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0),
    rank,
    alpha: Number(lora["alpha"] ?? rank),
    baseSha256: trainedOn,
    sector: textOf(own["sector"]),
    version: textOf(own["version"]),
  };
}

async function readHeader(
  path: string,
  reject: (reason: AdapterRejection, detail: string) => never,
): Promise<GgufHeader> {
  let magic: Buffer;
  try {
    const file = await open(path, "r");
    try {
      magic = (await file.read(Buffer.alloc(4), 0, 4, 0)).buffer;
    } finally {
      await file.close();
    }
  } catch {
    return reject("not_found", "the file cannot be read");
  }
  if (magic.toString("latin1") !== "GGUF") return reject("not_a_gguf", "it is not a GGUF file");
  try {
    return await readGgufHeader(path);
  } catch {
    return reject("truncated", "its header cannot be read to the end");
  }
}

function branch(tree: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = tree[key];
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function tensorBytes(tensor: GgufTensor): number {
  return tensor.dimensions.reduce((product, n) => product * n, 1) * (elementBytes.get(tensor.type) ?? 1);
}

function tensorEnd(tensor: GgufTensor): number {
  return tensor.fileOffset + tensorBytes(tensor);
}

/** The one rank all pairs share; 0 when they differ or there is none. lora_a has shape [inputs, rank], lora_b [rank, outputs]. */
function rankOf(tensors: readonly GgufTensor[]): number {
  const ranks = new Set<number>();
  for (const tensor of tensors) {
    if (tensor.name.endsWith(".lora_a")) ranks.add(tensor.dimensions[1] ?? 0);
    else if (tensor.name.endsWith(".lora_b")) ranks.add(tensor.dimensions[0] ?? 0);
  }
  return ranks.size === 1 ? ([...ranks][0] ?? 0) : 0;
}

/** Whether some pair has both halves non-zero; B·A is zero otherwise. */
async function hasEffect(path: string, tensors: readonly GgufTensor[]): Promise<boolean> {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const file = await open(path, "r");
  try {
    const isZero = async (tensor: GgufTensor): Promise<boolean> => {
      const bytes = Buffer.alloc(tensorBytes(tensor));
      await file.read(bytes, 0, bytes.length, tensor.fileOffset);
      return bytes.every((byte) => byte === 0 || byte === 0x80);
    };
    for (const [name, tensor] of byName) {
      if (!name.endsWith(".lora_b") || (await isZero(tensor))) continue;
      const other = byName.get(`${name.slice(0, -1)}a`);
      if (other !== undefined && !(await isZero(other))) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}
