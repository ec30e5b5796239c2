import { Registry } from "prom-client";
import {
  createEngineMetrics,
  createGatewayMetrics,
  type GatewayMetrics,
  mergeExpositions,
  registerDiskMetrics,
  registerEngineState,
  registerGpuMetrics,
  registerJobMetrics,
  registerVoiceMetrics,
} from "../../services/observability/index.ts";
import { loadSectors } from "../../services/settings/index.ts";
import { ScriptedEngine } from "./scripted-engine.ts";

/** Ids of the sectors that are shipped. */
export const shippedSectors = loadSectors("configs/sectors.yaml").all.map(({ id }) => id);

/** Every metric that gateway, engine and work processes register, over a scripted engine with an adapter for each shipped sector. */
export function allMetrics() {
  const gateway = createGatewayMetrics({
    prices: { currency: "USD", perGpuHour: 1, perMillionPromptTokens: 1, perMillionCompletionTokens: 1 },
  });
  const { registry, labels } = gateway;
  const engine = new ScriptedEngine({
    adapters: shippedSectors.map((id) => `${id}@3`),
    reply: () => ["Evet,", " olur."],
  });
  registerEngineState(registry, labels, { status: () => engine.status(), isStable: () => true, restarts: () => 0 });
  registerDiskMetrics(registry, ".");
  registerGpuMetrics(registry, {
    read: async () => [{ gpu: "0", utilization: 40, usedBytes: 1, totalBytes: 2 }],
  });
  const jobs = registerJobMetrics(registry, async () => []);
  const voice = registerVoiceMetrics(registry);
  const infer = createEngineMetrics(() => performance.now());
  const measured = infer.measured(engine);
  const scrape = async (): Promise<string> =>
    mergeExpositions(await registry.metrics(), await infer.registry.metrics());
  return { gateway, jobs, voice, infer, measured, scrape };
}

/** Samples of an exposition: what Prometheus has to store. */
export function seriesIn(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

export async function seriesOf({ registry }: Pick<GatewayMetrics, "registry">): Promise<readonly string[]> {
  return seriesIn(await registry.metrics());
}

/** The text of a registry that `register` has filled. */
export async function textOf(register: (registry: Registry) => void): Promise<string> {
  const registry = new Registry();
  register(registry);
  return await registry.metrics();
}
