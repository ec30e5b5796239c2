/** What the planner sees of one running generation. */
export interface PlannableGeneration {
  /** Prompt tokens not yet computed. 0 once decoding. */
  readonly pendingPrompt: number;
  /** Order of admission; smaller = earlier. */
  readonly arrival: number;
}

/** What the planner sees of one context. */
export interface PlannableLane<G extends PlannableGeneration = PlannableGeneration> {
  readonly generations: Iterable<G>;
  /** Step number at which this lane last decoded. */
  readonly lastStep: number;
}

export interface StepPlan<L, G> {
  readonly lane: L;
  readonly decoding: readonly G[];
  /** Prompts to advance, each by `tokens`. */
  readonly prefills: readonly { readonly generation: G; readonly tokens: number }[];
}

export interface PlannerLimits {
  /** Most tokens in one step. */
  readonly batchTokens: number;
  /** Prefill steps in a row, while someone waits for a next token, before a decode step is due. */
  readonly prefillStreak: number;
}

/**
 * Chooses the next step. Prefill first, because a user who sees nothing yet suffers most; after `prefillStreak` such steps in a row one
 * decode step is due, so that nobody who is reading starves. Prefill serves the earliest arrival and takes along whatever its context has
 * to do anyway; decode goes round the contexts, least recently served first. One context a step: llama.cpp binds LoRA to the context.
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
      else if (prefill === undefined || generation.arrival < prefill.arrival) prefill = { lane, arrival: generation.arrival };
    }
    if (decodes && (decode === undefined || lane.lastStep < decode.lastStep)) decode = lane;
  }
  const decodeIsDue = decode !== undefined && streak >= limits.prefillStreak;
  const lane = prefill !== undefined && !decodeIsDue ? prefill.lane : decode;
  return lane === undefined ? undefined : fillStep(lane, limits.batchTokens);
}

function fillStep<G extends PlannableGeneration, L extends PlannableLane<G>>(lane: L, batchTokens: number): StepPlan<L, G> {
  const decoding: G[] = [];
  const prompts: G[] = [];
  for (const generation of lane.generations) (generation.pendingPrompt === 0 ? decoding : prompts).push(generation);
  prompts.sort((a, b) => a.arrival - b.arrival);
  let room = batchTokens - decoding.length;
  const prefills: { generation: G; tokens: number }[] = [];
  for (const generation of prompts) {
    if (room <= 0) break;
    const tokens = Math.min(room, generation.pendingPrompt);
    prefills.push({ generation, tokens });
    room -= tokens;
  }
  return { lane, decoding, prefills };
}
