import type {
  BatchItem,
  NativeContext,
  NativeModel,
  NativeSampler,
} from "../../services/inference/llama/llama-bindings.ts";

/** A context that keeps books instead of computing: what each sequence holds, and whether anybody breaks the rules. */
export class FakeContext implements NativeContext {
  readonly bytes = 1;
  readonly gpuBytes: number = 0;
  /** Tokens by sequence, as KV would hold them. */
  readonly cells = new Map<number, number[]>();
  readonly steps: (readonly BatchItem[])[] = [];
  /** Threads given, step by step. */
  readonly threads: number[] = [];
  readonly violations: string[] = [];
  readonly shifts: { readonly sequence: number; readonly from: number; readonly to: number; readonly delta: number }[] =
    [];
  /** Answers the next token for a sequence's tokens. */
  next: (tokens: readonly number[]) => number = (tokens) => tokens.length;
  beforeDecode: (items: readonly BatchItem[]) => Promise<void> = async () => {};
  disposed = false;
  #deciding = false;

  async decode(items: readonly BatchItem[]): Promise<readonly number[]> {
    if (this.#deciding) this.violations.push("two steps at once");
    this.#deciding = true;
    try {
      this.steps.push(items);
      await this.beforeDecode(items);
      return items.map((item, i) => {
        const held = this.cells.get(item.sequence) ?? [];
        if (item.position !== held.length) this.violations.push(`position ${item.position} instead of ${held.length}`);
        if (item.tokens.length === 0) this.violations.push("an empty item");
        this.cells.set(item.sequence, [...held, ...item.tokens]);
        return item.wantLogits ? i : -1;
      });
    } finally {
      this.#deciding = false;
    }
  }

  /** A held sampler's first token stands for the one preferred, unless `next` is among its tokens. */
  async sample(logitIndex: number, sampler: NativeSampler): Promise<number> {
    const item = this.steps.at(-1)?.[logitIndex];
    const wanted = this.next(this.cells.get(item?.sequence ?? -1) ?? []);
    const allowed = (sampler as FakeSampler).allowed ?? [wanted];
    return allowed.includes(wanted) ? wanted : (allowed[0] ?? -1);
  }

  async weigh(_logitIndex: number, token: number, topCount: number) {
    return { token, logprob: -0.5, top: Array.from({ length: topCount }, (_, i) => ({ token: i, logprob: -1 - i })) };
  }

  forget(sequence: number, from: number, to: number): boolean {
    if (this.#deciding) this.violations.push("forgetting during a step");
    const held = this.cells.get(sequence) ?? [];
    this.cells.set(sequence, [...held.slice(0, from), ...(to < 0 ? [] : held.slice(to))]);
    return true;
  }

  firstPosition(sequence: number): number {
    return (this.cells.get(sequence) ?? []).length === 0 ? -1 : 0;
  }

  shift(sequence: number, from: number, to: number, delta: number): void {
    this.shifts.push({ sequence, from, to, delta });
  }

  setThreads(threads: number): void {
    this.threads.push(threads);
  }

  embedding(): Float64Array {
    return new Float64Array([1, 0]);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
  }
}

export interface FakeSampler extends NativeSampler {
  disposed: number;
  allowed?: readonly number[];
}

export function fakeSampler(): FakeSampler {
  const sampler: FakeSampler = {
    addon: { applyConfig: () => {}, dispose: () => {} },
    disposed: 0,
    allowOnly: (tokens) => {
      sampler.allowed = tokens;
    },
    dispose: () => void sampler.disposed++,
  };
  return sampler;
}

/** Tokens are code points: text in, text out. */
export const fakeModel = {
  piece: (token: number) => String.fromCodePoint(token),
  pieceBytes: (token: number) => [...Buffer.from(String.fromCodePoint(token))],
} as unknown as NativeModel;
