/** What the planner sees of one running generation. */
export interface PlannableGeneration {
  /** Prompt tokens not yet computed. 0 once decoding. */
  readonly pendingPrompt: number;
  /** Order of admission; smaller = earlier. */
  readonly arrival: number;
  /** Number of the last step it took part in; 0 = none yet. */
  readonly lastStep: number;
}

/** What the planner sees of one context. */
export interface PlannableLane<G extends PlannableGeneration = PlannableGeneration> {
  readonly generations: Iterable<G>;
  /** Step number at which this lane last decoded. */
  readonly lastStep: number;
}

export interface StepPlan<L, G> {
  readonly lane: L;
  /** What the step was chosen for; whatever else its context has to do rides along. */
  readonly purpose: "prefill" | "decode";
  readonly decoding: readonly G[];
  /** Prompts to advance, each by `tokens`. */
  readonly prefills: readonly { readonly generation: G; readonly tokens: number }[];
}

export interface PlannerLimits {
  /** Most tokens in one step. */
  readonly batchTokens: number;
  /** Steps chosen for prefill in a row, while someone waits for a next token, before one chosen for decoding is due. */
  readonly prefillStreak: number;
}

/**
 * Chooses the next step. Prefill first, because a user who sees nothing yet suffers most; after `prefillStreak` such steps in a row one
 * decode step is due, so that nobody who is reading starves. Prefill serves the earliest arrival and takes along whatever its context has
 * to do anyway; decode goes round the contexts, least recently served first. One context a step: llama.cpp binds LoRA to the context.
 * @param streak how many steps in a row were chosen for prefill
 */
export function planStep<G extends PlannableGeneration, L extends PlannableLane<G>>(
  lanes: Iterable<L>,
  streak: number,
  limits: PlannerLimits,
): StepPlan<L, G> | undefined {
  let prefill: { lane: L; arrival: number } | undefined;
  let decode: L | undefined;
  for (const lane of lanes) {
    let decodes = false;
    for (const generation of lane.generations) {
      if (generation.pendingPrompt === 0) decodes = true;
      else if (prefill === undefined || generation.arrival < prefill.arrival)
        prefill = { lane, arrival: generation.arrival };
    }
    if (decodes && (decode === undefined || lane.lastStep < decode.lastStep)) decode = lane;
  }
  const decodeIsDue = decode !== undefined && streak >= limits.prefillStreak;
  if (prefill !== undefined && !decodeIsDue) return fillStep(prefill.lane, "prefill", limits.batchTokens);
  return decode === undefined ? undefined : fillStep(decode, "decode", limits.batchTokens);
}

function fillStep<G extends PlannableGeneration, L extends PlannableLane<G>>(
  lane: L,
  purpose: StepPlan<L, G>["purpose"],
  batchTokens: number,
): StepPlan<L, G> {
  const readers: G[] = [];
  const prompts: G[] = [];
  for (const generation of lane.generations) (generation.pendingPrompt === 0 ? readers : prompts).push(generation);
  prompts.sort((a, b) => a.arrival - b.arrival);
  // More readers than a batch holds take turns, and always leave a token's room for a prompt.
  readers.sort((a, b) => a.lastStep - b.lastStep);
  const decoding = readers.slice(0, Math.max(1, batchTokens - (prompts.length > 0 ? 1 : 0)));
  let room = batchTokens - decoding.length;
  const prefills: { generation: G; tokens: number }[] = [];
  for (const generation of prompts) {
    if (room <= 0) break;
    const tokens = Math.min(room, generation.pendingPrompt);
    prefills.push({ generation, tokens });
    room -= tokens;
  }
  return { lane, purpose, decoding, prefills };
}
