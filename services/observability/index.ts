export { costOf, type Prices } from "./cost-metrics.ts";
export { registerDiskMetrics } from "./disk-metrics.ts";
export { createEngineMetrics, type EngineMetrics } from "./engine-metrics.ts";
export { createEngineShares, type EngineShares } from "./engine-shares.ts";
export { registerEngineState } from "./engine-state-metrics.ts";
export { contentTypes, type ExpositionFormat, exposition, expositionFormat, mergeExpositions } from "./exposition.ts";
export type { Accuracies, AdapterAccuracy, FeedbackMetrics } from "./feedback-metrics.ts";
export { createGatewayMetrics, type GatewayMetrics, type GatewayMetricsOptions } from "./gateway-metrics.ts";
export { registerGpuMetrics } from "./gpu-metrics.ts";
export { type CountJobs, type JobMetrics, registerJobMetrics } from "./job-metrics.ts";
export type { LimitsMetrics } from "./limits-metrics.ts";
export { createLogger, type ProcessLogger } from "./logger.ts";
export { traceIdOf } from "./tracing/current-trace.ts";
export { openTracing } from "./tracing/open-tracing.ts";
export { answererValues, replyValues, routingValues, usageValues } from "./tracing/span-values.ts";
export { inStep, tracedEngine } from "./tracing/traced-engine.ts";
export type { Tracing, TracingSettings } from "./tracing/tracing.ts";
export type { TurnFacts, TurnMetrics } from "./turn-metrics.ts";
export {
  type AudioProcessing,
  registerVoiceMetrics,
  type VoiceMetrics,
  type VoiceOutcome,
  type VoiceStage,
  type VoiceTurnFigures,
  voiceStages,
} from "./voice-metrics.ts";
