import { outOfScopeClass } from "../weights.ts";

/** One routed message, as a caller would have seen it outside any conversation. */
export interface Routed {
  readonly right: string;
  readonly kind: string;
  /** Best first. */
  readonly ranking: readonly string[];
  readonly confidence: number;
  readonly abstained: boolean;
}

export interface RouterFigures {
  readonly inScope: number;
  readonly outOfScope: number;
  /** Of in-scope messages, whether or not the router abstained. */
  readonly top1: number;
  readonly top3: number;
  readonly macroF1: number;
  /** Of in-scope messages that were not rejected: how many went to the right sector. */
  readonly precision: number;
  readonly inScopeRejected: number;
  readonly outOfScopeRejected: number;
  /** Expected calibration error of the best sector's confidence against its being right, 10 bins; out-of-scope messages included as never right. */
  readonly ece: number;
  /** Messages and top-1 (in scope) or rejection (out of scope) by kind. */
  readonly kinds: readonly {
    readonly kind: string;
    readonly scope: "in" | "out";
    readonly messages: number;
    readonly right: number;
    readonly top3: number;
  }[];
  /** Most frequent mistakes. */
  readonly confusions: readonly { readonly right: string; readonly taken: string; readonly times: number }[];
}

const bins = 10;

export function measure(routed: readonly Routed[]): RouterFigures {
  const own = routed.filter((one) => one.right !== outOfScopeClass);
  const foreign = routed.filter((one) => one.right === outOfScopeClass);
  const isRight = (one: Routed) => one.ranking[0] === one.right;
  const inTop3 = (one: Routed) => one.ranking.slice(0, 3).includes(one.right);
  const accepted = own.filter((one) => !one.abstained);
  return {
    inScope: own.length,
    outOfScope: foreign.length,
    top1: part(own, isRight),
    top3: part(own, inTop3),
    macroF1: macroF1(own),
    precision: part(accepted, isRight),
    inScopeRejected: part(own, (one) => one.abstained),
    outOfScopeRejected: part(foreign, (one) => one.abstained),
    ece: calibrationError(routed),
    kinds: [...groups(own, (one) => one.kind)]
      .map(([kind, of]) => ({
        kind,
        scope: "in" as const,
        messages: of.length,
        right: part(of, isRight),
        top3: part(of, inTop3),
      }))
      .concat(
        [...groups(foreign, (one) => one.kind)].map(([kind, of]) => {
          const rejected = part(of, (one) => one.abstained);
          return { kind, scope: "out" as never, messages: of.length, right: rejected, top3: rejected };
        }),
      ),
    confusions: [
      ...groups(
        own.filter((one) => !isRight(one)),
        (one) => `${one.right} ${one.ranking[0]}`,
      ),
    ]
      .map(([pair, of]) => ({
        right: pair.split(" ")[0] as string,
        taken: pair.split(" ")[1] as string,
        times: of.length,
      }))
      .sort((a, b) => b.times - a.times)
      .slice(0, 15),
  };
}

function part<T>(of: readonly T[], is: (one: T) => boolean): number {
  return of.length === 0 ? 0 : of.filter(is).length / of.length;
}

function groups(of: readonly Routed[], key: (one: Routed) => string): Map<string, Routed[]> {
  const found = new Map<string, Routed[]>();
  for (const one of of) {
    const group = found.get(key(one));
    if (group === undefined) found.set(key(one), [one]);
    else group.push(one);
  }
  return found;
}

function macroF1(own: readonly Routed[]): number {
  const sectors = [...new Set(own.map((one) => one.right))];
  const f1 = sectors.map((sector) => {
    const hits = own.filter((one) => one.right === sector && one.ranking[0] === sector).length;
    const wanted = own.filter((one) => one.right === sector).length;
    const taken = own.filter((one) => one.ranking[0] === sector).length;
    return (2 * hits) / Math.max(1, wanted + taken);
  });
  return f1.reduce((sum, one) => sum + one, 0) / Math.max(1, sectors.length);
}

function calibrationError(routed: readonly Routed[]): number {
  let error = 0;
  for (let bin = 0; bin < bins; bin++) {
    const inside = routed.filter((one) => Math.min(bins - 1, Math.floor(one.confidence * bins)) === bin);
    const confidence = inside.reduce((sum, one) => sum + one.confidence, 0);
    const right = inside.filter((one) => one.ranking[0] === one.right).length;
    error += Math.abs(confidence - right);
  }
  return error / Math.max(1, routed.length);
}
