export { createEngineMetrics, type EngineMetrics } from "./engine-metrics.ts";
export { createGatewayMetrics, type GatewayMetrics } from "./gateway-metrics.ts";
export { createLogger, type ProcessLogger } from "./logger.ts";
