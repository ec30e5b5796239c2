export { adapterIdOf, compareVersionsDescending, parseAdapterId } from "./adapter-id.ts";
export type {
  AdapterStatus,
  ChatMessage,
  Embedding,
  Engine,
  EngineActivity,
  EngineStatus,
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  Prompt,
  ResponseFormat,
  SamplingParameters,
  Timings,
  TokenLogprob,
  ToolCall,
  ToolChoice,
  ToolDefinition,
  Usage,
} from "./engine.ts";
export type { EngineObserver } from "./engine-observer.ts";
export {
  AdapterAlreadyLoadedError,
  AdapterNotFoundError,
  AdapterRejectedError,
  type AdapterRejection,
  BaseModelRejectedError,
  ContextOverflowError,
  EngineMemoryError,
  EngineRefusedError,
  EngineSaturatedError,
  EngineUnavailableError,
  ModelShapeUnknownError,
  UnsupportedFeatureError,
} from "./errors.ts";
export { adapterBytes, parameterCount } from "./llama/context-bytes.ts";
export { type MemoryNeed, memoryNeed } from "./llama/memory-need.ts";
export { contextTokens } from "./llama/memory-plan.ts";
export { type ModelFile, type ModelShape, readModelFile } from "./llama/model-shape.ts";
export { loadManifest, type Manifest, ManifestError } from "./manifest.ts";
export { withGenerate } from "./with-generate.ts";
