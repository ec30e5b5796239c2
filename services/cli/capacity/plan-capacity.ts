import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  adapterBytes,
  contextTokens,
  type MemoryNeed,
  type ModelShape,
  memoryNeed,
  parameterCount,
  readModelFile,
} from "../../inference/index.ts";
import { UsageError } from "../errors.ts";
import type { CapacityOptions } from "./capacity-options.ts";
import { answerDemand, type DemandAnswer } from "./demand.ts";
import { type KeptBytes, keptBytes } from "./kept-bytes.ts";
import { bitsPerWeight } from "./quantisations.ts";

export interface CapacityPlan {
  readonly model: {
    readonly source: string;
    readonly shape: ModelShape;
    readonly bytes: number;
    readonly contextTokens: number;
    readonly adapterBytes: number;
  };
  readonly memory: MemoryNeed & { readonly memoryBytes: number | undefined };
  readonly demand: DemandAnswer | undefined;
  readonly kept: (KeptBytes & { readonly turnsPerDay: number }) | undefined;
}

/**
 * @param sessionTtlS how long conversations are kept
 * @throws {ModelShapeUnknownError} @throws {UsageError} neither a file nor a whole shape is given
 */
export async function planCapacity(options: CapacityOptions, sessionTtlS: number): Promise<CapacityPlan> {
  const model = await modelOf(options);
  const weights = adapterBytes(model.shape, options.adapterRank);
  const memory = memoryNeed({
    shape: model.shape,
    modelBytes: model.bytes,
    adapterBytes: weights,
    wantedAdapters: options.adapters,
    layout: {
      tokensPerSequence: model.contextTokens,
      sequences: options.sequences,
      batchTokens: options.batch,
      flashAttention: options.flashAttention,
    },
    memoryBytes: options.memory,
  });
  return {
    model: { ...model, adapterBytes: weights },
    memory: { ...memory, memoryBytes: options.memory },
    ...wantedOf(options, memory, sessionTtlS),
  };
}

function wantedOf(options: CapacityOptions, memory: MemoryNeed, sessionTtlS: number) {
  const { users } = options;
  if (users === undefined) return { demand: undefined, kept: undefined };
  const turnsPerDay = users * options.turnsPerHour * options.busyHours;
  const replica = { places: memory.places, tokensPerSecond: options.replicaTokensPerSecond };
  const habits = { ...options, turnsPerDay, keepMessages: options.keepMessages === true, sessionTtlS };
  return {
    demand: memory.residentAdapters === 0 ? undefined : answerDemand({ ...options, users }, replica),
    kept: { turnsPerDay, ...keptBytes({ ...habits, sessionStore: options.sessions }) },
  };
}

async function modelOf(options: CapacityOptions) {
  if (options.model !== undefined) {
    const path = resolve(options.model);
    if (!(await stat(path).catch(() => undefined))?.isFile())
      throw new UsageError(`${options.model} is no file.`, `${options.model} diye bir dosya yok.`);
    const { shape, bytes, trainedContext } = await readModelFile(path);
    return { source: options.model, shape, bytes, contextTokens: contextTokens(options.context, trainedContext) };
  }
  const shape = shapeOf(options);
  const bytes = (parameterCount(shape, options.tied === true) * (bitsPerWeight[options.quantisation] ?? 0)) / 8;
  const source = `${options.quantisation}, ${options.layers} × ${options.width}`;
  return { source, shape, bytes: Math.ceil(bytes), contextTokens: contextTokens(options.context, 8192) };
}

function shapeOf({ layers, width, heads, kvHeads, headSize, feedForward, vocabulary }: CapacityOptions): ModelShape {
  if (
    layers === undefined ||
    width === undefined ||
    heads === undefined ||
    feedForward === undefined ||
    vocabulary === undefined
  )
    throw new UsageError(
      "Name a GGUF file with --model, or give --layers, --width, --heads, --feed-forward and --vocabulary.",
      "--model ile bir GGUF dosyası ya da --layers, --width, --heads, --feed-forward ve --vocabulary verin.",
    );
  const size = headSize ?? Math.ceil(width / heads);
  return {
    layers,
    width,
    heads,
    keyValueHeads: kvHeads ?? heads,
    keySize: size,
    valueSize: size,
    feedForward,
    vocabulary,
  };
}
