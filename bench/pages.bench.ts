import { pause } from "../services/foundation/index.ts";
import { EngineUnavailableError } from "../services/inference/index.ts";
import { startWatchedGateway } from "../tests/support/watched-gateway.ts";
import type { BenchOptions } from "./support/options.ts";
import { rounded } from "./support/statistics.ts";
import type { BenchTable } from "./table.ts";

const limitMs = 300_000;

/** From a fault to its page at a webhook, with the intervals we ship: real gateway, Prometheus and Alertmanager. */
export async function pagesBench({ quick }: BenchOptions): Promise<BenchTable> {
  const timesFaster = quick ? 15 : 1;
  await using watched = await startWatchedGateway({ timesFaster });
  const { engine, gateway, monitoring, told } = watched;
  await until(async () => {
    const [known] = await monitoring.query("sektor:turkish_ai_unavailability:ratio1m");
    return known?.value === 0;
  });
  const rows: (string | number)[][] = [];
  const measure = async (what: string, cause: () => Promise<void> | void, isTold: () => boolean): Promise<void> => {
    await cause();
    const from = performance.now();
    await until(async () => isTold());
    rows.push([what, rounded((performance.now() - from) / 1000, 1)]);
  };
  await measure(
    "the engine refuses everything → SektorErrorRateHigh",
    () => engine.follow({ fault: { afterTokens: 0, error: () => new EngineUnavailableError(1) } }),
    () => told("SektorErrorRateHigh", "firing").length > 0,
  );
  await measure(
    "it works again → that is told",
    () => engine.follow({}),
    () => told("SektorErrorRateHigh", "resolved").length > 0,
  );
  await measure(
    "the gateway is killed → SektorGatewayDown",
    () => gateway.kill("SIGKILL"),
    () => told("SektorGatewayDown", "firing").length > 0,
  );
  return {
    title: "Pages: from a fault to the webhook",
    columns: ["from → until", "seconds"],
    rows,
    notes: [
      "Goal: a page at most 120 s after its fault.",
      `Once each, with the rules and${quick ? ` a ${timesFaster}th of` : ""} the intervals we ship; the gateway is asked some fifteen times a second all the while.`,
    ],
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const from = performance.now(); performance.now() - from < limitMs; await pause(250)) if (await holds()) return;
  throw new Error(`It did not come about within ${limitMs / 1000} s.`);
}
