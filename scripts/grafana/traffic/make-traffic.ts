import { pause } from "../../../services/foundation/index.ts";
import { call } from "./call.ts";
import { messages } from "./messages.ts";
import { trafficRound } from "./round.ts";

/** Between two rounds, ms. */
const restMs = 1500;

export interface TrafficMade {
  readonly rounds: number;
  readonly calls: number;
  /** Calls that did not come to their end; first words of each reason. */
  readonly brokenCalls: readonly string[];
}

/** Writes and talks for so long. @throws {Error} a turn is refused that should not be */
export async function makeTraffic(url: string, forMs: number): Promise<TrafficMade> {
  const untilMs = performance.now() + forMs;
  const [rounds, { calls, brokenCalls }] = await Promise.all([write(url, untilMs), talk(url, untilMs)]);
  return { rounds, calls, brokenCalls };
}

async function write(url: string, untilMs: number): Promise<number> {
  const asked = messages();
  let rounds = 0;
  for (; performance.now() < untilMs; rounds++) {
    await trafficRound(url, asked, rounds);
    // Busy and quiet minutes take turns, as they do in life.
    await pause(restMs * (1 + Math.sin(rounds / 4) ** 2 * 3));
  }
  return rounds;
}

async function talk(url: string, untilMs: number) {
  const brokenCalls: string[] = [];
  let calls = 0;
  for (; performance.now() < untilMs; calls++) {
    await call(url, "Kredi kartı borcumu yapılandırmak istiyorum.", "Peki, gecikme faizi ne kadar?").catch(
      (failure) => {
        brokenCalls.push(String(failure).slice(0, 120));
      },
    );
    await pause(restMs * 2);
  }
  return { calls, brokenCalls };
}
