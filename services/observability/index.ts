export { createEngineMetrics, type EngineMetrics } from "./engine-metrics.ts";
export { createGatewayMetrics, type GatewayMetrics } from "./gateway-metrics.ts";
export { type CountJobs, type JobMetrics, registerJobMetrics } from "./job-metrics.ts";
export { createLogger, type ProcessLogger } from "./logger.ts";
export {
  type AudioProcessing,
  registerVoiceMetrics,
  type VoiceMetrics,
  type VoiceOutcome,
  type VoiceTurnFigures,
} from "./voice-metrics.ts";
