import { type ContextLayout, contextBytes } from "./context-bytes.ts";
import { type MemoryPlan, planMemory } from "./memory-plan.ts";
import type { ModelShape } from "./model-shape.ts";

export interface MemoryQuestion {
  readonly shape: ModelShape;
  readonly modelBytes: number;
  readonly adapterBytes: number;
  /** Adapters that should be in memory at the same time. */
  readonly wantedAdapters: number;
  readonly layout: ContextLayout;
  /** What the engine's process may take in all, RAM or graphics memory; undefined: as much as it wants. */
  readonly memoryBytes?: number | undefined;
}

export interface MemoryNeed {
  readonly bytesPerContext: number;
  /** The context of /v1/embeddings, which is made at its first use. */
  readonly embeddingContextBytes: number;
  /** Node.js and the libraries: what `infer` was measured to take beside model and contexts, rounded up. */
  readonly processBytes: number;
  /** All wanted adapters, with the base's own context, the embeddings' and the process. */
  readonly wantedBytes: number;
  /** Adapters that fit at once, of those wanted; 0: not even one beside the base. */
  readonly residentAdapters: number;
  /** Adapters that would fit if there were so many; undefined without `memoryBytes`. */
  readonly adaptersThatFit: number | undefined;
  readonly totalBytes: number;
  /** Conversations that can be answered at the same time: sequences of every context, the base's included. */
  readonly places: number;
  /** What to set, so that the engine plans the same: SEKTOR_CONTEXT_MEMORY_MIB. */
  readonly contextMemoryMiB: number;
  /** The engine's own words at its start, with these settings. */
  readonly formula: string;
}

const mebibyte = 1_048_576;
/** Measured: docs/guides/capacity.md. */
const processBytes = 256 * mebibyte;

/** Before a model is bought for or started: the memory plan of the engine, with the contexts computed instead of measured. */
export function memoryNeed(question: MemoryQuestion): MemoryNeed {
  const { shape, layout, modelBytes, adapterBytes, wantedAdapters, memoryBytes } = question;
  const bytesPerContext = contextBytes(shape, layout);
  const embeddingTokens = Math.min(layout.tokensPerSequence, 2048);
  const embeddingContextBytes = contextBytes(shape, {
    ...layout,
    tokensPerSequence: embeddingTokens,
    sequences: 1,
    batchTokens: embeddingTokens,
  });
  const fixedBytes = processBytes + modelBytes + embeddingContextBytes;
  const sumFor = (adapters: number): number =>
    fixedBytes + bytesPerContext + adapters * (bytesPerContext + adapterBytes);
  const planFor = (wanted: number, budgetBytes: number): MemoryPlan =>
    planMemory(wanted, modelBytes, [{ name: "memory", bytesPerContext, bytesPerAdapter: adapterBytes, budgetBytes }]);
  const fitting = (wanted: number): number =>
    memoryBytes === undefined || sumFor(1) <= memoryBytes
      ? planFor(wanted, (memoryBytes ?? Number.POSITIVE_INFINITY) - fixedBytes).residentAdapters
      : 0;
  const residentAdapters = fitting(wantedAdapters);
  const contexts = residentAdapters + 1;
  const contextMemoryMiB = Math.ceil((contexts * bytesPerContext + residentAdapters * adapterBytes) / mebibyte);
  return {
    bytesPerContext,
    embeddingContextBytes,
    processBytes,
    wantedBytes: sumFor(wantedAdapters),
    residentAdapters,
    adaptersThatFit: memoryBytes === undefined ? undefined : fitting(Number.MAX_SAFE_INTEGER),
    totalBytes: sumFor(residentAdapters),
    places: layout.sequences * contexts,
    contextMemoryMiB,
    formula: planFor(residentAdapters, contextMemoryMiB * mebibyte).formula,
  };
}
