import { Type } from "typebox";
import { closed } from "./closed.ts";

export const modelSettings = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      default: "models/base/sektor-base-v1.gguf",
      description: "GGUF path, URL, `hf:owner/repository/file.gguf` or `hf:owner/repository:QUANT`",
    }),
    sha256: Type.String({
      pattern: "^([0-9a-f]{64})?$",
      default: "",
      description: "expected checksum of the file; the embedded model is checked against its manifest",
      form: "64 hex digits",
      shownDefault: "not checked",
    }),
    id: Type.String({ default: "", description: "the id clients see", shownDefault: "the file's name" }),
    manifest: Type.String({
      default: "models/manifest.json",
      description: "what was trained from what; may be missing",
    }),
    adapterFolder: Type.String({
      minLength: 1,
      default: "models/adapters",
      description: "the only folder adapters are loaded from",
    }),
    cacheFolder: Type.String({ minLength: 1, default: ".sektor/models", description: "where downloads are kept" }),
    hubToken: Type.String({
      default: "",
      description: "token for `hf:` downloads; sent to the hub's own host only",
      secret: true,
    }),
    hubUrl: Type.String({
      default: "https://huggingface.co",
      description: "another hub or mirror",
      shownDefault: "the public hub",
    }),
  },
  { ...closed, title: "base and adapters" },
);

export const inferenceSettings = Type.Object(
  {
    engine: Type.Enum(["embedded", "sektor", "vllm", "sglang", "lorax", "llama-server"], {
      default: "embedded",
      description: "`embedded`: a supervised child; else the dialect spoken at `inference.url`",
    }),
    url: Type.String({ default: "", description: "base URL of an engine that is not embedded" }),
    token: Type.String({
      default: "",
      description: "bearer token for it; `infer` itself asks for it where it listens on a port",
      secret: true,
    }),
    listen: Type.String({
      default: "127.0.0.1:8001",
      description: "where `infer` listens when it runs by itself",
      form: "host:port or unix:/path",
    }),
    threads: Type.Integer({
      minimum: 0,
      maximum: 1024,
      default: 0,
      description: "0 = physical cores; never more, threads that wait for each other are slow",
    }),
    gpu: Type.Enum(["auto", "off", "cuda", "vulkan"], {
      default: "auto",
      description: "which kind of graphics processor; `auto`: what is found",
    }),
    gpuLayers: Type.Integer({ minimum: -1, default: -1, description: "layers on the GPU; -1 = as many as fit" }),
    useMmap: Type.Boolean({ default: true, description: "map the file instead of reading it" }),
    flashAttention: Type.Boolean({
      default: true,
      description: "attention in blocks, where the model allows it: less memory for long contexts",
    }),
    contextSize: Type.Integer({
      minimum: 0,
      maximum: 1_048_576,
      default: 0,
      description: "tokens one conversation may hold; 0 = what the model was trained for, at most 8192",
    }),
    sequencesPerAdapter: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 4,
      description: "conversations at once on one adapter",
    }),
    maxResidentAdapters: Type.Integer({
      minimum: 1,
      maximum: 1024,
      default: 24,
      description: "most adapters in memory; lowered when the memory does not suffice",
    }),
    contextMemoryMiB: Type.Integer({
      minimum: 0,
      default: 0,
      description:
        "memory contexts and adapters' weights may take; 0 = half of what is free at start, graphics memory where they lie there",
    }),
    batchTokens: Type.Integer({ minimum: 8, maximum: 8192, default: 256, description: "tokens computed in one step" }),
    queueLimit: Type.Integer({ minimum: 0, maximum: 100_000, default: 128, description: "requests that may wait" }),
    queueTimeoutMs: Type.Integer({ minimum: 1, default: 30_000, description: "longest wait for a place" }),
    warm: Type.Array(Type.String(), {
      default: [],
      description: "adapters loaded before the process says it is ready; the base always is",
      form: "list",
    }),
    pinned: Type.Array(Type.String(), {
      default: [],
      description:
        "adapters that are loaded like those of `inference.warm` and never give way; no more than fit at once, or `infer` does not start",
      form: "list",
    }),
    startTimeoutMs: Type.Integer({
      minimum: 1000,
      default: 120_000,
      description:
        "longest silence of the engine while it starts; a download, a checksum or a loading that goes on is no silence",
    }),
  },
  { ...closed, title: "the engine" },
);

export const chatSettings = Type.Object(
  {
    maxTokens: Type.Integer({ minimum: 1, default: 160, description: "longest reply of `/api/v1/chat`" }),
    temperature: Type.Number({ minimum: 0, maximum: 2, default: 0.3, description: "0 = always the likeliest token" }),
    topP: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.9,
      description: "only the likeliest tokens that together have so much probability; 1 = all",
    }),
    topK: Type.Integer({ minimum: 0, default: 40, description: "only so many of the likeliest tokens; 0 = all" }),
    minP: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.05,
      description: "only tokens at least this share as likely as the likeliest",
    }),
    repeatPenalty: Type.Number({
      minimum: 0.5,
      maximum: 2,
      default: 1.2,
      description: "how much less likely a token is that was there lately; 1 = off",
    }),
    historyMessages: Type.Integer({
      minimum: 0,
      maximum: 1000,
      default: 12,
      description: "messages of a session that go into the prompt, newest last",
    }),
    historyTokens: Type.Integer({
      minimum: 0,
      maximum: 1_048_576,
      default: 2048,
      description: "tokens these may take, estimated by their length; 0 = as many as the context holds",
    }),
    historySummary: Type.Boolean({
      default: false,
      description: "whether the model [summarises](sessions.md#long-conversations) what no longer goes into the prompt",
    }),
  },
  { ...closed, title: "what a reply is like when the request does not say" },
);
