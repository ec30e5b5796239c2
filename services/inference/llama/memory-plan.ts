export interface MemoryPlan {
  /** Adapters, the base's own context not counted, that fit at once. */
  readonly residentAdapters: number;
  readonly modelBytes: number;
  readonly bytesPerContext: number;
  readonly budgetBytes: number;
  /** One line for the log: what was added up. */
  readonly formula: string;
}

/**
 * How many adapters may be resident: the wanted cap, lowered until model + contexts fit the budget, but never below one.
 * @param bytesPerContext measured on the base's context: KV cells plus compute buffers
 * @param budgetBytes memory that contexts may take
 */
export function planMemory(
  wanted: number,
  modelBytes: number,
  bytesPerContext: number,
  budgetBytes: number,
): MemoryPlan {
  const fitting = Math.floor(budgetBytes / Math.max(1, bytesPerContext)) - 1;
  const residentAdapters = Math.max(1, Math.min(wanted, fitting));
  const mib = (bytes: number): string => (bytes / 1048576).toFixed(1);
  const total = modelBytes + (residentAdapters + 1) * bytesPerContext;
  return {
    residentAdapters,
    modelBytes,
    bytesPerContext,
    budgetBytes,
    formula: `model ${mib(modelBytes)} MiB + ${residentAdapters + 1} contexts × ${mib(bytesPerContext)} MiB = ${mib(total)} MiB at most (context budget ${mib(budgetBytes)} MiB)`,
  };
}

/** Tokens one conversation may hold. @param wanted 0 = what the model was trained for, at most 8192 */
export function contextTokens(wanted: number, trained: number): number {
  return wanted > 0 ? wanted : Math.min(trained, 8192);
}
