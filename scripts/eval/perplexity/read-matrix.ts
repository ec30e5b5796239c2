import { EvalInputError } from "../input-error.ts";
import { readText } from "../json-lines.ts";

/** The base and one adapter a sector, on every sector's held-out dialogues and on running text. */
export interface PerplexityMatrix {
  readonly sectors: readonly string[];
  /** perplexity of `model` ("base" or a sector's adapter) on `text` (a sector or `runningText`). */
  at(model: string, text: string): number;
}

export const runningText = "running text";

/** What training's `sektor_training.evaluate` writes. @throws {EvalInputError} naming the file and the missing cell */
export function readMatrix(file: string): PerplexityMatrix {
  let content: unknown;
  try {
    content = JSON.parse(readText(file));
  } catch (failure) {
    throw failure instanceof EvalInputError ? failure : new EvalInputError(`${file}: not JSON`);
  }
  const { schema, perplexity } = (content ?? {}) as { schema?: unknown; perplexity?: Record<string, unknown> };
  if (schema !== 1) throw new EvalInputError(`${file}: "schema" must be 1`);
  if (typeof perplexity !== "object" || perplexity === null) throw new EvalInputError(`${file}: no "perplexity"`);
  const sectors = Object.keys(perplexity).filter((name) => name !== "base");
  if (sectors.length === 0) throw new EvalInputError(`${file}: "perplexity" names no adapter`);
  const cells = new Map<string, number>();
  for (const model of ["base", ...sectors]) {
    for (const text of [...sectors, runningText]) {
      const value = (perplexity[model] as Record<string, unknown> | undefined)?.[text];
      if (typeof value !== "number" || !(value > 0))
        throw new EvalInputError(`${file}: "perplexity" of "${model}" on "${text}" must be a number above 0`);
      cells.set(`${model}\n${text}`, value);
    }
  }
  return { sectors, at: (model, text) => cells.get(`${model}\n${text}`) ?? Number.NaN };
}
