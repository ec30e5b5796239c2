/** One kind of memory, and what adapters may have of it. */
export interface MemoryPool {
  readonly name: "memory" | "graphics memory";
  /** What a context takes of it, measured on the base's: keys, values and the buffers of a step. */
  readonly bytesPerContext: number;
  /** What an adapter's weights take of it. */
  readonly bytesPerAdapter: number;
  /** What contexts, the base's included, and adapters' weights may take of it together. */
  readonly budgetBytes: number;
}

export interface MemoryPlan {
  /** Adapters, the base's own context not counted, that fit at once. */
  readonly residentAdapters: number;
  readonly modelBytes: number;
  /** Of all pools together. */
  readonly bytesPerContext: number;
  /** One line for the log: what was added up. */
  readonly formula: string;
}

/**
 * How many adapters may be resident: the wanted cap, lowered until contexts and weights fit the budget of every pool, but never below one.
 * @param pools at least one
 */
export function planMemory(wanted: number, modelBytes: number, pools: readonly MemoryPool[]): MemoryPlan {
  const residentAdapters = Math.max(1, Math.min(wanted, ...pools.map(fitting)));
  const bytesPerContext = sum(pools, (pool) => pool.bytesPerContext);
  const bytesPerAdapter = sum(pools, (pool) => pool.bytesPerAdapter);
  const contexts = residentAdapters + 1;
  const total = modelBytes + contexts * bytesPerContext + residentAdapters * bytesPerAdapter;
  const budgets = pools.map(({ name, budgetBytes }) => `${mib(budgetBytes)} of ${name}`).join(", ");
  return {
    residentAdapters,
    modelBytes,
    bytesPerContext,
    formula: `model ${mib(modelBytes)} + ${contexts} contexts × ${mib(bytesPerContext)} + ${residentAdapters} adapters × ${mib(bytesPerAdapter)} = ${mib(total)} at most (budget ${budgets})`,
  };
}

/** Tokens one conversation may hold. @param wanted 0 = what the model was trained for, at most 8192 */
export function contextTokens(wanted: number, trained: number): number {
  return wanted > 0 ? wanted : Math.min(trained, 8192);
}

function fitting({ bytesPerContext, bytesPerAdapter, budgetBytes }: MemoryPool): number {
  return Math.floor((budgetBytes - bytesPerContext) / Math.max(1, bytesPerContext + bytesPerAdapter));
}

function sum(pools: readonly MemoryPool[], bytesOf: (pool: MemoryPool) => number): number {
  return pools.reduce((total, pool) => total + bytesOf(pool), 0);
}

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
