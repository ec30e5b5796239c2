import type { MemoryPool } from "./memory-plan.ts";

export interface MemoryAtHand {
  /** What contexts and adapters' weights may take, wherever they lie; 0: half of what is free. */
  readonly wantedBytes: number;
  /** The base's context, which has been made already. `gpuBytes`: of `bytes`, those in graphics memory. */
  readonly context: { readonly bytes: number; readonly gpuBytes: number };
  /** Weights of the largest adapter. */
  readonly adapterBytes: number;
  readonly freeBytes: number;
  /** Undefined: no graphics processor is used. */
  readonly freeGpuBytes: number | undefined;
}

/**
 * Where contexts and adapters lie, and how much they may take there. An adapter's weights lie beside the layers they change: where a
 * graphics processor keeps any of the cells, all of them are counted there.
 */
export function memoryPools(atHand: MemoryAtHand): readonly MemoryPool[] {
  const { wantedBytes, context, adapterBytes, freeBytes, freeGpuBytes } = atHand;
  const onHost = { name: "memory", bytesPerContext: context.bytes, bytesPerAdapter: adapterBytes } as const;
  if (wantedBytes > 0) return [{ ...onHost, budgetBytes: wantedBytes }];
  const ofHost = half(freeBytes);
  if (freeGpuBytes === undefined || context.gpuBytes === 0) return [{ ...onHost, budgetBytes: ofHost }];
  return [
    {
      name: "graphics memory",
      bytesPerContext: context.gpuBytes,
      bytesPerAdapter: adapterBytes,
      // The base's context, which the budget holds too, was taken out of it before anybody looked.
      budgetBytes: half(freeGpuBytes + context.gpuBytes),
    },
    { ...onHost, bytesPerContext: context.bytes - context.gpuBytes, bytesPerAdapter: 0, budgetBytes: ofHost },
  ];
}

function half(bytes: number): number {
  return Math.floor(bytes / 2);
}
