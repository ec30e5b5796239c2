import type { Generation } from "./generation.ts";
import { bestSlot, KvSlot } from "./kv-slot.ts";
import type { NativeContext, NativeLora } from "./llama-bindings.ts";

/** A place, and how much of the prompt it already holds. */
export interface ClaimedSlot {
  readonly slot: KvSlot;
  readonly cached: number;
}

/** One context, the adapter it is bound to for life, and the conversations in it. */
export class Lane {
  /** Adapter id, or "" for the base model alone. */
  readonly adapterId: string;
  readonly context: NativeContext;
  readonly lora: NativeLora | undefined;
  readonly slots: readonly KvSlot[];
  readonly generations = new Set<Generation>();
  lastStep = 0;

  constructor(adapterId: string, context: NativeContext, lora: NativeLora | undefined, sequences: number) {
    this.adapterId = adapterId;
    this.context = context;
    this.lora = lora;
    this.slots = Array.from({ length: sequences }, (_, sequence) => new KvSlot(sequence));
  }

  /** Tokens whose keys and values it holds. */
  get heldTokens(): number {
    return this.slots.reduce((sum, { length }) => sum + length, 0);
  }

  /** Takes a free slot and leaves in it what `prompt` can use; undefined when all are busy. */
  claimSlot(prompt: readonly number[], reuse: boolean, now: number): ClaimedSlot | undefined {
    const slot = bestSlot(this.slots, reuse ? prompt : []);
    if (slot === undefined) return undefined;
    let cached = reuse ? slot.reusableFor(prompt) : 0;
    if (cached > 0 && slot.length > cached && !this.context.forget(slot.sequence, cached, -1)) cached = 0;
    // Sliding windows drop old cells, and recurrent ones cannot go back at all: what is not there from the start on is of no use.
    if (cached > 0 && this.context.firstPosition(slot.sequence) !== 0) cached = 0;
    if (cached === 0 && slot.length > 0) this.context.forget(slot.sequence, 0, -1);
    slot.keep(cached);
    slot.busy = true;
    slot.lastUsed = now;
    return { slot, cached };
  }

  async dispose(): Promise<void> {
    await this.context.dispose();
    await this.lora?.dispose();
  }
}
