import { Type } from "typebox";
import { closed } from "./closed.ts";

export const jobsSettings = Type.Object(
  {
    store: Type.Enum(["embedded", "redis"], {
      default: "embedded",
      description:
        "where [jobs](jobs.md) wait: in the embedded database, for one process, or in Redis; with storage in Postgres there is no queue without Redis",
    }),
    embeddedWorker: Type.Enum(["auto", "on", "off"], {
      default: "auto",
      description:
        "whether `serve` does them too; `auto`: unless queue, database and engine are all such that a `work` process can",
    }),
    runsAtOnce: Type.Integer({
      minimum: 1,
      maximum: 256,
      default: 4,
      description: "serverless jobs a process runs at once",
    }),
    stalledAfterMs: Type.Integer({
      minimum: 500,
      maximum: 600_000,
      default: 15_000,
      description: "a job whose process gave no sign of life for so long is given to another",
    }),
    drainMs: Type.Integer({
      minimum: 0,
      maximum: 600_000,
      default: 6_000,
      description: "how long running jobs may go on after SIGTERM; then they wait again",
    }),
    reportCron: Type.String({
      pattern: "^(off|\\S+( \\S+){4})$",
      default: "0 6 * * 1",
      description: "when the feedback of the last seven days is reported",
      form: "five fields of cron, or off",
    }),
    reportTimeZone: Type.String({ minLength: 1, default: "Europe/Istanbul", description: "whose clock that is" }),
    listen: Type.String({
      pattern: "^.+:[0-9]{1,5}$",
      default: "127.0.0.1:8002",
      description: "where `work` answers `/health/live` and `/metrics`",
      form: "host:port",
    }),
  },
  { ...closed, title: "work outside a turn" },
);

export const serverlessSettings = Type.Object(
  {
    endpoints: Type.Array(Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }), {
      minItems: 1,
      default: ["sektor"],
      description: "under which the [job API](serverless.md) is found: `/v2/<name>/run`; all lead to the same queue",
      form: "list of names",
    }),
    maxQueued: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
      description: "jobs of all keys that may wait",
    }),
    runBodyBytes: Type.Integer({
      minimum: 1024,
      maximum: 104_857_600,
      default: 10_485_760,
      description: "largest body of `/run`",
    }),
    runsyncBodyBytes: Type.Integer({
      minimum: 1024,
      maximum: 104_857_600,
      default: 20_971_520,
      description: "largest body of `/runsync`",
    }),
    keepResultS: Type.Integer({
      minimum: 1,
      maximum: 604_800,
      default: 1800,
      description: "how long the outcome of `/run` can be asked for",
    }),
    keepSyncResultS: Type.Integer({
      minimum: 1,
      maximum: 604_800,
      default: 60,
      description: "the same for `/runsync`",
    }),
    executionTimeoutMs: Type.Integer({
      minimum: 5000,
      maximum: 604_800_000,
      default: 600_000,
      description: "how long a job may run, where its policy does not say",
    }),
    ttlMs: Type.Integer({
      minimum: 10_000,
      maximum: 604_800_000,
      default: 86_400_000,
      description: "how long it may wait, where its policy does not say",
    }),
    webhook: Type.Object(
      {
        secret: Type.String({
          default: "",
          description: "key of the HMAC signature; without it calls are not signed",
          secret: true,
        }),
        allowHttp: Type.Boolean({ default: false, description: "whether `http:` may be called too" }),
        privateNetworks: Type.Array(
          Type.String({ pattern: "^([0-9]{1,3}([.][0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$" }),
          {
            default: [],
            description: "that may be called besides the open internet, such as `10.1.0.0/16`",
            form: "list of networks",
          },
        ),
        tries: Type.Integer({ minimum: 1, maximum: 20, default: 3, description: "how often a call is tried in all" }),
        pauseMs: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 10_000, description: "between two tries" }),
        timeoutMs: Type.Integer({ minimum: 100, maximum: 60_000, default: 10_000, description: "for one call" }),
      },
      closed,
    ),
  },
  { ...closed, title: "the job API under `/v2`", description: "Its jobs wait in the queue of the jobs." },
);

export const batchSettings = Type.Object(
  {
    maxLines: Type.Integer({
      minimum: 1,
      maximum: 50_000,
      default: 50_000,
      description: "requests in one [batch](batch.md)",
    }),
    maxFileBytes: Type.Integer({
      minimum: 1024,
      maximum: 104_857_600,
      default: 104_857_600,
      description: "size of its file",
    }),
    maxFilesPerKey: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 100,
      description: "files of one key at a time",
    }),
    concurrency: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 2,
      description: "lines answered at the same time by one process; the engine's other places stay free for people",
    }),
    linesPerKeyPerDay: Type.Integer({
      minimum: 0,
      default: 100_000,
      description: "lines of the batches that one key starts in 24 hours; 0 = any number",
    }),
    keepFilesDays: Type.Integer({
      minimum: 1,
      maximum: 365,
      default: 30,
      description: "how long a file is kept, unless its own expiry comes first",
    }),
  },
  { ...closed, title: "files of requests, answered when there is time" },
);
