export { adapterIdOf, compareVersionsDescending, parseAdapterId } from "./adapter-id.ts";
export type {
  AdapterStatus,
  ChatMessage,
  Embedding,
  Engine,
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
export {
  AdapterAlreadyLoadedError,
  AdapterNotFoundError,
  AdapterRejectedError,
  type AdapterRejection,
  BaseModelRejectedError,
  ContextOverflowError,
  EngineRefusedError,
  EngineSaturatedError,
  EngineUnavailableError,
  UnsupportedFeatureError,
} from "./errors.ts";
export { loadManifest, type Manifest, ManifestError } from "./manifest.ts";
