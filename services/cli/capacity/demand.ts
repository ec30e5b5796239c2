export interface Demand {
  /** People who talk in the busiest hour. */
  readonly users: number;
  /** Turns of one of them in that hour. */
  readonly turnsPerHour: number;
  readonly replyTokens: number;
  /** How fast a reply is to come, tokens a second for each reader. */
  readonly tokensPerSecond: number;
}

export interface DemandAnswer {
  readonly turnsPerSecond: number;
  readonly secondsPerReply: number;
  /** Replies under way at the same time, on average. */
  readonly meanReplies: number;
  /** Replies under way in all but one of a hundred moments. */
  readonly places: number;
  /** What these replies want together. */
  readonly tokensPerSecond: number;
  readonly replicasForPlaces: number;
  /** Undefined where nobody measured what one replica can do. */
  readonly replicasForTokens: number | undefined;
  /** The larger of the two; undefined where one of them is not known. */
  readonly replicas: number | undefined;
}

/**
 * How many engines so many people need. Turns come when people please (Poisson), and a reply holds its place for as long as it is read.
 * @param replica places it has, and the tokens a second it was measured to reach over all of them
 */
export function answerDemand(
  demand: Demand,
  replica: { readonly places: number; readonly tokensPerSecond: number | undefined },
): DemandAnswer {
  const turnsPerSecond = (demand.users * demand.turnsPerHour) / 3600;
  const secondsPerReply = demand.replyTokens / demand.tokensPerSecond;
  const meanReplies = turnsPerSecond * secondsPerReply;
  const places = atMostInNinetyNineOfHundred(meanReplies);
  const tokensPerSecond = places * demand.tokensPerSecond;
  const replicasForPlaces = Math.max(1, Math.ceil(places / replica.places));
  const replicasForTokens =
    replica.tokensPerSecond === undefined
      ? undefined
      : Math.max(1, Math.ceil(tokensPerSecond / replica.tokensPerSecond));
  return {
    turnsPerSecond,
    secondsPerReply,
    meanReplies,
    places,
    tokensPerSecond,
    replicasForPlaces,
    replicasForTokens,
    replicas: replicasForTokens === undefined ? undefined : Math.max(replicasForPlaces, replicasForTokens),
  };
}

/** The smallest number that a Poisson variable of this mean exceeds at most once in a hundred times. */
export function atMostInNinetyNineOfHundred(mean: number): number {
  // From here on the bell curve is as good, and exp(−mean) has no digits left.
  if (mean > 500) return Math.ceil(mean + 2.3264 * Math.sqrt(mean));
  let probability = Math.exp(-mean);
  let sum = probability;
  let count = 0;
  while (sum < 0.99) {
    count++;
    probability *= mean / count;
    sum += probability;
  }
  return count;
}
