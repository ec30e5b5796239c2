import { type Static, Type } from "typebox";
import { closed } from "./closed.ts";
import { speechSettings, voiceSettings } from "./speech-schema.ts";

/** How the platform behaves. Files: configs/default.yaml, then the environment (see environment.ts). */
export const Settings = Type.Object(
  {
    http: Type.Object(
      {
        host: Type.String({ default: "127.0.0.1" }),
        port: Type.Integer({ minimum: 0, maximum: 65535, default: 8000 }),
        /** Proxies in front whose `X-Forwarded-For` is believed, by their addresses. `true` believes everybody. */
        trustProxy: Type.Union([Type.Boolean(), Type.String()], { default: false }),
        bodyLimitBytes: Type.Integer({ minimum: 1024, maximum: 104_857_600, default: 1_048_576 }),
        /** Longest single message, in UTF-16 code units. */
        maxMessageCharacters: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 8000 }),
        /** Most messages in one request. */
        maxMessages: Type.Integer({ minimum: 1, maximum: 10_000, default: 256 }),
        /** Time for a whole reply, streaming included. */
        replyTimeoutMs: Type.Integer({ minimum: 100, default: 300_000 }),
        /** Time a client has to send its request. */
        requestTimeoutMs: Type.Integer({ minimum: 100, default: 30_000 }),
        /** Time it has for the head of its request alone. */
        headersTimeoutMs: Type.Integer({ minimum: 100, default: 10_000 }),
        /** How long a client may take nothing of its reply before it is cut off; 0 = for ever. */
        stalledReaderMs: Type.Integer({ minimum: 0, default: 30_000 }),
        corsOrigins: Type.Array(Type.String(), { default: [] }),
        /** Requests an address may send in any minute; 0 = no limit. */
        requestsPerMinute: Type.Integer({ minimum: 0, default: 1200 }),
      },
      closed,
    ),
    access: Type.Object(
      {
        /** SHA-256 of each accepted API key, hex. Empty: no key is asked for, which is allowed on loopback only. */
        keySha256: Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), { default: [] }),
      },
      closed,
    ),
    /** How much a user or a key may ask for; 0 = no limit. Those of an address: http.requestsPerMinute. */
    limits: Type.Object(
      {
        /** Where requests are counted; `redis` when several gateways share the limits. */
        store: Type.Enum(["memory", "redis"], { default: "memory" }),
        /** While Redis is out of reach: `allow` counts for each gateway alone, `refuse` answers 503. */
        whenUnavailable: Type.Enum(["allow", "refuse"], { default: "allow" }),
        userPerHour: Type.Integer({ minimum: 0, default: 1000 }),
        userPerDay: Type.Integer({ minimum: 0, default: 5000 }),
        keyPerMinute: Type.Integer({ minimum: 0, default: 1200 }),
        /** Replies of the model on their way at the same time, streamed or whole. */
        streamsPerUser: Type.Integer({ minimum: 0, default: 8 }),
        streamsPerKey: Type.Integer({ minimum: 0, default: 64 }),
        /** Feedback forms, which need no key: of one address, and of all addresses together. */
        formsPerHour: Type.Integer({ minimum: 0, default: 60 }),
        formsPerDay: Type.Integer({ minimum: 0, default: 5000 }),
      },
      closed,
    ),
    model: Type.Object(
      {
        /** A GGUF path, an https URL, or `hf:owner/repository/file.gguf`. */
        source: Type.String({ minLength: 1, default: "models/base/sektor-base-v1.gguf" }),
        /** Expected SHA-256 of the file, hex; empty: not checked (the embedded model is checked against its manifest). */
        sha256: Type.String({ pattern: "^([0-9a-f]{64})?$", default: "" }),
        /** The id clients see; empty: the file's name. */
        id: Type.String({ default: "" }),
        manifest: Type.String({ default: "models/manifest.json" }),
        /** The only folder adapters are loaded from. */
        adapterFolder: Type.String({ minLength: 1, default: "models/adapters" }),
        /** Where downloads are kept. */
        cacheFolder: Type.String({ minLength: 1, default: ".sektor/models" }),
        /** Bearer token for `hf:` downloads. */
        hubToken: Type.String({ default: "" }),
        hubUrl: Type.String({ default: "https://huggingface.co" }),
      },
      closed,
    ),
    inference: Type.Object(
      {
        /** `embedded`: serve starts infer as a supervised child. Others: an HTTP endpoint that speaks that system's adapter dialect. */
        engine: Type.Enum(["embedded", "sektor", "vllm", "sglang", "lorax", "llama-server"], { default: "embedded" }),
        /** Base URL of the engine when it is not embedded. */
        url: Type.String({ default: "" }),
        /** Bearer token for that URL. */
        token: Type.String({ default: "" }),
        /** Where infer listens when it runs by itself: host:port or unix:/path. */
        listen: Type.String({ default: "127.0.0.1:8001" }),
        /** Physical cores when 0. */
        threads: Type.Integer({ minimum: 0, maximum: 1024, default: 0 }),
        gpu: Type.Enum(["auto", "off", "cuda", "vulkan"], { default: "auto" }),
        /** Layers on the GPU; -1 = as many as fit. */
        gpuLayers: Type.Integer({ minimum: -1, default: -1 }),
        useMmap: Type.Boolean({ default: true }),
        flashAttention: Type.Boolean({ default: true }),
        /** Tokens one conversation may hold; 0 = what the model was trained for, at most 8192. */
        contextSize: Type.Integer({ minimum: 0, maximum: 1_048_576, default: 0 }),
        /** Conversations that run at once on one adapter. */
        sequencesPerAdapter: Type.Integer({ minimum: 1, maximum: 64, default: 4 }),
        /** Most adapters in memory at once. */
        maxResidentAdapters: Type.Integer({ minimum: 1, maximum: 1024, default: 24 }),
        /** Memory that contexts may take, MiB; 0 = half of what is free at start. */
        contextMemoryMiB: Type.Integer({ minimum: 0, default: 0 }),
        /** Prompt tokens computed in one step. */
        batchTokens: Type.Integer({ minimum: 8, maximum: 8192, default: 256 }),
        /** Requests that may wait. */
        queueLimit: Type.Integer({ minimum: 0, maximum: 100_000, default: 128 }),
        /** Longest wait for a place. */
        queueTimeoutMs: Type.Integer({ minimum: 1, default: 30_000 }),
        /** Adapters loaded before the process says it is ready; the base always is. */
        warm: Type.Array(Type.String(), { default: [] }),
        startTimeoutMs: Type.Integer({ minimum: 1000, default: 120_000 }),
      },
      closed,
    ),
    chat: Type.Object(
      {
        maxTokens: Type.Integer({ minimum: 1, default: 160 }),
        temperature: Type.Number({ minimum: 0, maximum: 2, default: 0.3 }),
        topP: Type.Number({ minimum: 0, maximum: 1, default: 0.9 }),
        topK: Type.Integer({ minimum: 0, default: 40 }),
        minP: Type.Number({ minimum: 0, maximum: 1, default: 0.05 }),
        repeatPenalty: Type.Number({ minimum: 0.5, maximum: 2, default: 1.2 }),
        /** Messages of a session that go into the prompt, newest last. */
        historyMessages: Type.Integer({ minimum: 0, maximum: 1000, default: 12 }),
        /** Tokens these may take, estimated by their length; 0 = as many as the context holds. */
        historyTokens: Type.Integer({ minimum: 0, maximum: 1_048_576, default: 2048 }),
        /** Whether the model summarises what no longer goes into the prompt. */
        historySummary: Type.Boolean({ default: false }),
      },
      closed,
    ),
    routing: Type.Object(
      {
        weightsFolder: Type.String({ default: "models/router" }),
        /** What the shipped router was trained on (routing/, dialogues/): a sector added at run time is trained beside it. */
        datasetsFolder: Type.String({ minLength: 1, default: "datasets" }),
        /** Longest training of a run-time sector. */
        trainingTimeoutMs: Type.Integer({ minimum: 1000, default: 300_000 }),
      },
      closed,
    ),
    knowledge: Type.Object(
      {
        /** `<sector>.jsonl` files of documents, read at start; a folder that is not there means no knowledge. */
        folder: Type.String({ minLength: 1, default: "datasets/knowledge" }),
        /** Most passages that join one prompt; 0 = never any. */
        passages: Type.Integer({ minimum: 0, maximum: 9, default: 2 }),
        /** Where the best passage is below it, none is used. Measured: docs/eval/knowledge.md. */
        minScore: Type.Number({ minimum: 0, maximum: 1, default: 0.24 }),
        /** `quoted`: replies that rest on passages are held to their sentences; `auto`: where the base has fewer than 10⁹ parameters. */
        answers: Type.Enum(["auto", "quoted", "free"], { default: "auto" }),
      },
      closed,
    ),
    sessions: Type.Object(
      {
        store: Type.Union([Type.Literal("embedded"), Type.Literal("redis")], { default: "embedded" }),
        ttlS: Type.Integer({ minimum: 1, default: 86_400 }),
        maxMessages: Type.Integer({ minimum: 2, default: 200 }),
      },
      closed,
    ),
    /** Work done outside a turn. */
    jobs: Type.Object(
      {
        /** Where it waits. `embedded`: in the embedded database, for one process; with storage in Postgres there is no queue then. */
        store: Type.Enum(["embedded", "redis"], { default: "embedded" }),
        /** Whether `serve` does it too. `auto`: where a `work` process could not, for want of shared parts. */
        embeddedWorker: Type.Enum(["auto", "on", "off"], { default: "auto" }),
        /** Serverless jobs a process runs at once. */
        runsAtOnce: Type.Integer({ minimum: 1, maximum: 256, default: 4 }),
        /** A job whose process gave no sign of life for so long is given to another. */
        stalledAfterMs: Type.Integer({ minimum: 500, maximum: 600_000, default: 15_000 }),
        /** How long running jobs may go on after SIGTERM; then they wait again. */
        drainMs: Type.Integer({ minimum: 0, maximum: 600_000, default: 6_000 }),
        /** When the feedback of the last seven days is reported: five fields of cron, or `off`. */
        reportCron: Type.String({ pattern: "^(off|\\S+( \\S+){4})$", default: "0 6 * * 1" }),
        reportTimeZone: Type.String({ minLength: 1, default: "Europe/Istanbul" }),
        /** Where `work` tells how it is: /health/live and /metrics. */
        listen: Type.String({ pattern: "^.+:[0-9]{1,5}$", default: "127.0.0.1:8002" }),
      },
      closed,
    ),
    redis: Type.Object({ url: Type.String({ default: "redis://127.0.0.1:6379" }) }, closed),
    storage: Type.Object(
      {
        /** The data folder: the embedded database, and what waits for a database that is away. One process at a time. */
        folder: Type.String({ minLength: 1, default: ".sektor/data" }),
        /** `embedded`: in this process, in the data folder. `postgres`: a server, shared by any number of processes. */
        backend: Type.Enum(["embedded", "postgres"], { default: "embedded" }),
        postgres: Type.Object(
          {
            /** `postgres://user:password@host:port/database`; a secret. */
            url: Type.String({ pattern: "^(postgres(ql)?://.+)?$", default: "" }),
            /** Connections at once. */
            poolSize: Type.Integer({ minimum: 1, maximum: 1000, default: 10 }),
          },
          closed,
        ),
        /** Whether the request log holds what was said, and not only its numbers. */
        keepMessages: Type.Boolean({ default: false }),
        /** Days after which what was said goes out of the request log. */
        retentionDays: Type.Integer({ minimum: 1, maximum: 3650, default: 30 }),
      },
      closed,
    ),
    /** The job API under /v2. Its jobs wait in the queue of the jobs. */
    serverless: Type.Object(
      {
        /** Names under which it is found; all lead to the same queue. */
        endpoints: Type.Array(Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }), { minItems: 1, default: ["sektor"] }),
        /** Jobs of all keys that may wait. */
        maxQueued: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1000 }),
        /** Largest bodies. */
        runBodyBytes: Type.Integer({ minimum: 1024, maximum: 104_857_600, default: 10_485_760 }),
        runsyncBodyBytes: Type.Integer({ minimum: 1024, maximum: 104_857_600, default: 20_971_520 }),
        /** How long the outcome can be asked for. */
        keepResultS: Type.Integer({ minimum: 1, maximum: 604_800, default: 1800 }),
        keepSyncResultS: Type.Integer({ minimum: 1, maximum: 604_800, default: 60 }),
        /** Where the request's policy does not say. */
        executionTimeoutMs: Type.Integer({ minimum: 5000, maximum: 604_800_000, default: 600_000 }),
        ttlMs: Type.Integer({ minimum: 10_000, maximum: 604_800_000, default: 86_400_000 }),
        webhook: Type.Object(
          {
            /** Key of the HMAC signature; empty: calls are not signed. A secret. */
            secret: Type.String({ default: "" }),
            /** Whether `http:` may be called too. */
            allowHttp: Type.Boolean({ default: false }),
            /** Networks besides the open internet that may be called, such as `10.1.0.0/16`. */
            privateNetworks: Type.Array(
              Type.String({ pattern: "^([0-9]{1,3}([.][0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$" }),
              { default: [] },
            ),
            /** How often a call is tried in all. */
            tries: Type.Integer({ minimum: 1, maximum: 20, default: 3 }),
            /** Between two tries. */
            pauseMs: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 10_000 }),
            /** For one call. */
            timeoutMs: Type.Integer({ minimum: 100, maximum: 60_000, default: 10_000 }),
          },
          closed,
        ),
      },
      closed,
    ),
    /** Files of requests, answered when there is time. */
    batch: Type.Object(
      {
        maxLines: Type.Integer({ minimum: 1, maximum: 50_000, default: 50_000 }),
        maxFileBytes: Type.Integer({ minimum: 1024, maximum: 104_857_600, default: 104_857_600 }),
        /** Files of one key at a time. */
        maxFilesPerKey: Type.Integer({ minimum: 1, maximum: 100_000, default: 100 }),
        /** Lines answered at the same time; the engine's other places stay free for people. */
        concurrency: Type.Integer({ minimum: 1, maximum: 64, default: 2 }),
        /** Days a file is kept, unless its own expiry comes first. */
        keepFilesDays: Type.Integer({ minimum: 1, maximum: 365, default: 30 }),
      },
      closed,
    ),
    /** `sektor worker`: takes jobs from a RunPod-style endpoint instead of listening. */
    worker: Type.Object(
      {
        /** Jobs it runs at once. */
        concurrency: Type.Integer({ minimum: 1, maximum: 256, default: 1 }),
        /** Time for one job. */
        jobTimeoutMs: Type.Integer({ minimum: 100, default: 300_000 }),
        /** Ends after so many seconds without a job; 0 = never. */
        idleExitS: Type.Integer({ minimum: 0, default: 0 }),
        /** How long running jobs may go on after SIGTERM. */
        drainMs: Type.Integer({ minimum: 0, maximum: 600_000, default: 20_000 }),
        /** Whether replies are also posted piece by piece, for `/stream`. */
        stream: Type.Boolean({ default: true }),
        /** Asks for a fresh worker after so many jobs, and ends; 0 = never. */
        refreshAfterJobs: Type.Integer({ minimum: 0, default: 0 }),
        runpod: Type.Object(
          {
            /** Where jobs are taken; `$ID` stands for the worker's id. */
            takeUrl: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
            /** Where outputs go; `$RUNPOD_POD_ID` stands for the worker's id, `$ID` for the job's. */
            outputUrl: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
            /** The same for pieces of a reply; empty: none are sent. */
            streamUrl: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
            /** Where heartbeats go; empty: none are sent. */
            pingUrl: Type.String({ pattern: "^(https?://.+)?$", default: "" }),
            pingIntervalMs: Type.Integer({ minimum: 100, maximum: 600_000, default: 10_000 }),
            /** Sent as it is in `Authorization`; a secret. */
            apiKey: Type.String({ default: "" }),
            /** Empty: a new one at every start. */
            workerId: Type.String({ maxLength: 128, default: "" }),
          },
          closed,
        ),
      },
      closed,
    ),
    speech: speechSettings,
    voice: voiceSettings,
    /** Chat over gRPC. */
    grpc: Type.Object(
      {
        host: Type.String({ minLength: 1, default: "127.0.0.1" }),
        /** 0 = none. */
        port: Type.Integer({ minimum: 0, maximum: 65_535, default: 16_071 }),
        /** Calls at once over one connection. */
        maxConcurrentStreams: Type.Integer({ minimum: 1, maximum: 100_000, default: 128 }),
        /** How long closing waits for replies that are on their way. */
        drainMs: Type.Integer({ minimum: 0, maximum: 600_000, default: 8000 }),
        tls: Type.Object(
          {
            /** PEM files of the server's certificate and key; empty: no TLS. */
            cert: Type.String({ default: "" }),
            key: Type.String({ default: "" }),
            /** PEM file of who signs the callers' certificates; empty: none is asked for. */
            clientCa: Type.String({ default: "" }),
          },
          closed,
        ),
      },
      closed,
    ),
    log: Type.Object(
      {
        level: Type.Enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], { default: "info" }),
      },
      closed,
    ),
  },
  { additionalProperties: false, default: {} },
);
export type Settings = Static<typeof Settings>;
