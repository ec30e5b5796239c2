/** What the router may know about the conversation a message belongs to. */
export interface RoutingConversation {
  /** The sector the session was in. */
  readonly sector: string;
  /** User turns since the session was last routed to that sector: 1 = the turn before this one. Default 1. */
  readonly turnsAgo?: number;
  /** Earlier user utterances, newest last; the words of the subject repeat in what follows. */
  readonly utterances?: readonly string[];
}

export interface SectorScore {
  readonly sector: string;
  /** Calibrated probability, 0–1. */
  readonly confidence: number;
}

/** One n-gram of the message and how much it spoke for the winning sector (against the mean of all classes, in logits). The first may be `anlam yakınlığı`: the message's meaning as a whole (stem vectors) said more than any n-gram. */
export interface RoutingReason {
  /** `kredi` a word, `kart…` a word's beginning, `…rtı…` letters inside a word, `kredi kartı` two neighbours. */
  readonly feature: string;
  readonly weight: number;
}

export interface RoutingDecision {
  /** The sector, or null: the message is out of scope or says too little to tell. */
  readonly sector: string | null;
  /** Calibrated probability of `sector`, or of the best sector when abstained. */
  readonly confidence: number;
  readonly abstained: boolean;
  /** The conversation's sector was kept: by itself the message would have gone elsewhere or nowhere. */
  readonly kept: boolean;
  /** Every sector, best first; with `outOfScope` they sum to at most 1, the rest is "says nothing by itself". */
  readonly scores: readonly SectorScore[];
  readonly outOfScope: number;
  /** Strongest first; empty unless asked for. */
  readonly why: readonly RoutingReason[];
}

export interface RoutingOptions {
  readonly conversation?: RoutingConversation;
  readonly why?: boolean;
}

/** Utterance → sector. Synchronous, thread-bound, bounded work whatever the text is; never throws on any string. */
export interface Router {
  readonly sectors: readonly string[];
  classify(text: string, options?: RoutingOptions): RoutingDecision;
  /** Calibrated probability below which it does not choose this sector, 0–1; undefined, or no such member: it decides otherwise. */
  thresholdOf?(sector: string): number | undefined;
}
