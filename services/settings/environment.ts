/** Environment variable → place in the settings tree. The only file that names an environment variable. */
export const environmentVariables: Readonly<Record<string, string>> = {
  SEKTOR_HOST: "http.host",
  SEKTOR_PORT: "http.port",
  SEKTOR_TRUST_PROXY: "http.trustProxy",
  SEKTOR_CORS_ORIGINS: "http.corsOrigins",
  SEKTOR_REQUESTS_PER_MINUTE: "http.requestsPerMinute",
  SEKTOR_API_KEY_SHA256: "access.keySha256",
  SEKTOR_LIMITS: "limits.store",
  SEKTOR_LIMITS_WHEN_UNAVAILABLE: "limits.whenUnavailable",
  SEKTOR_USER_PER_HOUR: "limits.userPerHour",
  SEKTOR_USER_PER_DAY: "limits.userPerDay",
  SEKTOR_KEY_PER_MINUTE: "limits.keyPerMinute",
  SEKTOR_STREAMS_PER_USER: "limits.streamsPerUser",
  SEKTOR_STREAMS_PER_KEY: "limits.streamsPerKey",
  SEKTOR_MODEL: "model.source",
  SEKTOR_MODEL_SHA256: "model.sha256",
  SEKTOR_MODEL_ID: "model.id",
  SEKTOR_MODEL_MANIFEST: "model.manifest",
  SEKTOR_ADAPTERS: "model.adapterFolder",
  SEKTOR_MODEL_CACHE: "model.cacheFolder",
  HF_TOKEN: "model.hubToken",
  HF_ENDPOINT: "model.hubUrl",
  SEKTOR_ENGINE: "inference.engine",
  SEKTOR_ENGINE_URL: "inference.url",
  SEKTOR_ENGINE_TOKEN: "inference.token",
  SEKTOR_INFER_LISTEN: "inference.listen",
  SEKTOR_THREADS: "inference.threads",
  SEKTOR_GPU: "inference.gpu",
  SEKTOR_GPU_LAYERS: "inference.gpuLayers",
  SEKTOR_MMAP: "inference.useMmap",
  SEKTOR_FLASH_ATTENTION: "inference.flashAttention",
  SEKTOR_CONTEXT_SIZE: "inference.contextSize",
  SEKTOR_SEQUENCES_PER_ADAPTER: "inference.sequencesPerAdapter",
  SEKTOR_MAX_RESIDENT_ADAPTERS: "inference.maxResidentAdapters",
  SEKTOR_CONTEXT_MEMORY_MIB: "inference.contextMemoryMiB",
  SEKTOR_BATCH_TOKENS: "inference.batchTokens",
  SEKTOR_QUEUE_LIMIT: "inference.queueLimit",
  SEKTOR_QUEUE_TIMEOUT_MS: "inference.queueTimeoutMs",
  SEKTOR_WARM: "inference.warm",
  SEKTOR_MAX_TOKENS: "chat.maxTokens",
  SEKTOR_TEMPERATURE: "chat.temperature",
  SEKTOR_ROUTER: "routing.weightsFolder",
  SEKTOR_DATASETS: "routing.datasetsFolder",
  SEKTOR_KNOWLEDGE: "knowledge.folder",
  SEKTOR_KNOWLEDGE_PASSAGES: "knowledge.passages",
  SEKTOR_SESSIONS: "sessions.store",
  SEKTOR_SESSION_TTL_S: "sessions.ttlS",
  SEKTOR_REDIS_URL: "redis.url",
  SEKTOR_DATA: "storage.folder",
  SEKTOR_STORAGE: "storage.backend",
  SEKTOR_POSTGRES_URL: "storage.postgres.url",
  SEKTOR_KEEP_MESSAGES: "storage.keepMessages",
  SEKTOR_RETENTION_DAYS: "storage.retentionDays",
  SEKTOR_LOG_LEVEL: "log.level",
};

/** Variables whose value is a comma-separated list. */
const lists = new Set(["http.corsOrigins", "access.keySha256", "inference.warm"]);
/** Variables that stay text however numeric they look: names, folders, secrets. */
const texts = new Set([
  "http.host",
  "model.source",
  "model.sha256",
  "model.id",
  "model.manifest",
  "model.adapterFolder",
  "model.cacheFolder",
  "model.hubToken",
  "model.hubUrl",
  "inference.url",
  "inference.token",
  "inference.listen",
  "routing.weightsFolder",
  "routing.datasetsFolder",
  "knowledge.folder",
  "redis.url",
  "storage.folder",
  "storage.postgres.url",
]);

/** `"8000"` → 8000, `"true"` → true, lists split at commas; what does not parse stays text for the schema to refuse. */
export function parseVariable(path: string, raw: string): unknown {
  if (lists.has(path))
    return raw
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  if (texts.has(path)) return raw;
  if (raw === "true" || raw === "false") return raw === "true";
  return /^-?\d+(\.\d+)?$/.test(raw) ? Number(raw) : raw;
}
