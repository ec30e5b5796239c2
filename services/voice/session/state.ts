/** What the session hears: nothing yet, no speech, speech, or speech that has ended and whose words are not known yet. */
export type Ear = "off" | "listening" | "speaking" | "committing";

/** What the session says: nothing, a reply in the making, a reply under way, or one that is held while it is found out who interrupts it. */
export type Mouth = "silent" | "thinking" | "speaking" | "held";

/** One name for ear and mouth together, as metrics and pages show it. */
export type VoicePhase =
  | "idle"
  | "listening"
  | "user_speaking"
  | "committing"
  | "thinking"
  | "speaking"
  | "interrupted"
  | "closed";

export interface VoiceState {
  readonly ear: Ear;
  readonly mouth: Mouth;
  /** Something was said to which no reply has begun. */
  readonly owed: boolean;
  readonly closed: boolean;
  /** Of the latest reply; what comes from an earlier one is stale. */
  readonly generation: number;
}

/** What was found out about a finished utterance; `unknown`: the recogniser failed. */
export type Said = "words" | "nothing" | "unknown";

export type Signal =
  | { readonly type: "audio" }
  /** @param interrupts whether it may stop a reply */
  | { readonly type: "voice-start"; readonly interrupts: boolean }
  /** Words in what is being said now. */
  | { readonly type: "words"; readonly interrupts: boolean }
  | { readonly type: "voice-end" }
  /** What was being said is not wanted. */
  | { readonly type: "voice-dropped" }
  /** `latest`: no utterance was committed after it. `replies`: it is to be answered. */
  | { readonly type: "transcript"; readonly said: Said; readonly latest: boolean; readonly replies: boolean }
  /** A reply is held and nobody has said a word for too long. */
  | { readonly type: "false-alarm" }
  | { readonly type: "reply-asked" }
  | { readonly type: "reply-cancelled" }
  | { readonly type: "reply-sounds"; readonly generation: number }
  | { readonly type: "reply-ended"; readonly generation: number }
  | { readonly type: "close" };

/** What is to be done about it, in order. */
export type Effect =
  /** Begin the reply whose generation the state names. */
  | "start-reply"
  /** Stop sending at once, but stay able to go on. */
  | "hold-reply"
  /** Go on where it was held. */
  | "resume-reply"
  /** The interruption is real: end model and speech, keep what was heard. */
  | "cut-reply"
  /** The client wants no more of it: end model and speech, keep what was heard. */
  | "cancel-reply"
  | "refuse-reply"
  | "refuse-cancel"
  | "end";

export interface Step {
  readonly state: VoiceState;
  readonly effects: readonly Effect[];
}

export const initialState: VoiceState = { ear: "off", mouth: "silent", owed: false, closed: false, generation: 0 };

/** The session's one rule book: every change of its state is made here, and nothing else decides when a reply begins or ends. */
export function step(state: VoiceState, signal: Signal): Step {
  if (state.closed) return still(state);
  switch (signal.type) {
    case "audio":
      return still(state.ear === "off" ? { ...state, ear: "listening" } : state);
    case "voice-start": {
      const speaking: VoiceState = { ...state, ear: "speaking" };
      return signal.interrupts && isReplying(state)
        ? { state: { ...speaking, mouth: "held" }, effects: ["hold-reply"] }
        : still(speaking);
    }
    case "words":
      return state.mouth === "held" || (signal.interrupts && isReplying(state))
        ? silenced(state, "cut-reply")
        : still(state);
    case "voice-end":
      return still({ ...state, ear: "committing" });
    case "voice-dropped":
      return resumed({ ...state, ear: "listening" });
    case "transcript":
      return afterTranscript(state, signal);
    case "false-alarm":
      return resumed(state);
    case "reply-asked":
      return afterAsked(state);
    case "reply-cancelled":
      if (state.mouth === "silent") return { state, effects: ["refuse-cancel"] };
      return answered(silenced({ ...state, owed: false }, "cancel-reply"));
    case "reply-sounds":
      return still(isStale(state, signal) || state.mouth !== "thinking" ? state : { ...state, mouth: "speaking" });
    case "reply-ended":
      return isStale(state, signal) || state.mouth === "silent"
        ? still(state)
        : answered(still({ ...state, mouth: "silent" }));
    case "close":
      return { state: { ...state, ear: "off", mouth: "silent", owed: false, closed: true }, effects: ["end"] };
  }
}

export function phaseOf({ ear, mouth, closed }: VoiceState): VoicePhase {
  if (closed) return "closed";
  if (mouth === "held") return "interrupted";
  if (ear === "speaking") return "user_speaking";
  if (mouth !== "silent") return mouth;
  if (ear === "off") return "idle";
  return ear;
}

function afterTranscript(state: VoiceState, signal: Extract<Signal, { type: "transcript" }>): Step {
  const { said, latest, replies } = signal;
  const heard: VoiceState = {
    ...state,
    ear: latest && state.ear === "committing" ? "listening" : state.ear,
    owed: state.owed || (said === "words" && replies),
  };
  if (heard.mouth !== "held") return answered(still(heard));
  if (said !== "nothing") return answered(silenced(heard, "cut-reply"));
  // A cough: whoever was interrupted goes on, unless somebody is speaking again.
  return heard.ear === "speaking" ? still(heard) : resumed(heard);
}

function afterAsked(state: VoiceState): Step {
  if (isReplying(state)) return { state, effects: ["refuse-reply"] };
  const free = state.mouth === "held" ? silenced(state, "cut-reply") : still(state);
  const owing: Step = { state: { ...free.state, owed: true }, effects: free.effects };
  // What was just said belongs into the reply; its words come in a moment.
  return state.ear === "committing" ? owing : begun(owing);
}

/** Begins the reply that is owed, once nobody speaks and everything that was said is known. */
function answered({ state, effects }: Step): Step {
  const free = state.mouth === "silent" && (state.ear === "listening" || state.ear === "off");
  return state.owed && free ? begun({ state, effects }) : { state, effects };
}

function begun({ state, effects }: Step): Step {
  const thinking: VoiceState = { ...state, mouth: "thinking", owed: false, generation: state.generation + 1 };
  return { state: thinking, effects: [...effects, "start-reply"] };
}

function silenced(state: VoiceState, effect: Effect): Step {
  return { state: { ...state, mouth: "silent" }, effects: [effect] };
}

function resumed(state: VoiceState): Step {
  return state.mouth === "held"
    ? { state: { ...state, mouth: "speaking" }, effects: ["resume-reply"] }
    : answered(still(state));
}

function isReplying({ mouth }: VoiceState): boolean {
  return mouth === "thinking" || mouth === "speaking";
}

function isStale(state: VoiceState, { generation }: { readonly generation: number }): boolean {
  return generation !== state.generation;
}

function still(state: VoiceState): Step {
  return { state, effects: [] };
}
