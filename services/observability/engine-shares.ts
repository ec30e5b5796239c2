import {
  type Engine,
  type GenerateEvent,
  type GenerateRequest,
  type Timings,
  withGenerate,
} from "../inference/index.ts";

/** How the engine's time is divided among the replies that are under way. */
export interface EngineShares {
  /** The same promise, watched. */
  watched(engine: Engine): Engine;
  /** A reply's share, by the `timings` it ended with: the very object. */
  secondsOf(timings: object | undefined): number | undefined;
}

/** While n replies are under way, each has 1/n of every second; from being asked for to its end. */
export function createEngineShares(nowMs: () => number): EngineShares {
  const shares = new WeakMap<object, number>();
  let running = 0;
  /** What one reply would have had if it had been there from the beginning. */
  let each = 0;
  let atMs = nowMs();
  const advance = (): void => {
    const now = nowMs();
    if (running > 0) each += (now - atMs) / 1000 / running;
    atMs = now;
  };
  async function* watch(engine: Engine, request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    advance();
    running++;
    const begun = each;
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      advance();
      running--;
    };
    try {
      for await (const event of engine.generate(request, signal)) {
        if (event.type === "end") {
          end();
          shares.set(event.timings satisfies Timings, each - begun);
        }
        yield event;
      }
    } finally {
      end();
    }
  }
  return {
    watched: (engine) => withGenerate(engine, (request, signal) => watch(engine, request, signal)),
    secondsOf: (timings) => (timings === undefined ? undefined : shares.get(timings)),
  };
}
