import type { Generation } from "./generation.ts";
import { bestSlot, KvSlot } from "./kv-slot.ts";
import type { NativeContext, NativeLora } from "./llama-bindings.ts";

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

  /** Takes a free slot and leaves in it what `prompt` can use; undefined when all are busy. */
  claimSlot(prompt: readonly number[], reuse: boolean, now: number): { slot: KvSlot; cached: number } | undefined {
    const slot = bestSlot(this.slots, prompt);
    if (slot === undefined) return undefined;
    const cached = reuse ? slot.reusableFor(prompt) : 0;
    if (slot.length > cached) this.context.forget(slot.sequence, cached, -1);
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
