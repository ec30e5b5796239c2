import { createHttpEngine } from "../../engine-client/index.ts";
import type { Disposal } from "../../foundation/index.ts";
import type { Engine } from "../../inference/index.ts";
import type { ExpositionFormat, GatewayMetrics } from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";
import { engineMetricsText } from "../observing/engine-metrics-text.ts";
import type { StartedInfer } from "../supervision/start-infer.ts";

/** An engine over HTTP: our own child on a unix socket, or a server somewhere else. */
export function openEngineClient(
  { inference }: Pick<Settings, "inference">,
  infer: StartedInfer | undefined,
  metrics: Pick<GatewayMetrics, "watchedEngine">,
  disposal: Disposal,
): { engine: Engine; engineMetrics: (format: ExpositionFormat) => Promise<string> } {
  const { engine: kind, url, token } = inference;
  const close = (opened: Engine) => opened[Symbol.asyncDispose]();
  if (infer !== undefined) {
    const { socketPath } = infer;
    const engine = disposal.own(createHttpEngine({ dialect: "sektor", socketPath }), close);
    return {
      engine: metrics.watchedEngine(engine),
      engineMetrics: (format) => engineMetricsText(socketPath, format),
    };
  }
  if (kind === "embedded") throw new Error("An embedded engine is started first.");
  const engine = disposal.own(createHttpEngine({ dialect: kind, url, token }), close);
  return { engine: metrics.watchedEngine(engine), engineMetrics: async () => "" };
}
