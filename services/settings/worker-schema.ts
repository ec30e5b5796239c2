import { Type } from "typebox";
import { closed } from "./closed.ts";

export const workerSettings = Type.Object(
  {
    concurrency: Type.Integer({
      minimum: 1,
      maximum: 256,
      default: 1,
      description: "jobs a [worker](serverless-worker.md) runs at once",
    }),
    jobTimeoutMs: Type.Integer({ minimum: 100, default: 300_000, description: "time for one job" }),
    idleExitS: Type.Integer({
      minimum: 0,
      default: 0,
      description: "it ends after so many seconds without a job; 0 = never",
    }),
    drainMs: Type.Integer({
      minimum: 0,
      maximum: 600_000,
      default: 20_000,
      description: "how long running jobs may go on after SIGTERM",
    }),
    stream: Type.Boolean({
      default: true,
      description: "whether replies are also posted piece by piece, for `/stream`",
    }),
    refreshAfterJobs: Type.Integer({
      minimum: 0,
      default: 0,
      description: "it asks to be replaced after so many jobs, and ends; 0 = never",
    }),
    runpod: Type.Object(
      {
        takeUrl: Type.String({
          pattern: "^(https?://.+)?$",
          default: "",
          description: "where jobs are taken; `$ID` stands for the worker's id",
          form: "http(s)",
        }),
        outputUrl: Type.String({
          pattern: "^(https?://.+)?$",
          default: "",
          description: "where outputs go; `$RUNPOD_POD_ID` stands for the worker's id, `$ID` for the job's",
          form: "http(s)",
        }),
        streamUrl: Type.String({
          pattern: "^(https?://.+)?$",
          default: "",
          description: "the same for the pieces of a reply; without it none are sent",
          form: "http(s)",
        }),
        pingUrl: Type.String({
          pattern: "^(https?://.+)?$",
          default: "",
          description: "where heartbeats go; without it none are sent",
          form: "http(s)",
        }),
        pingIntervalMs: Type.Integer({
          minimum: 100,
          maximum: 600_000,
          default: 10_000,
          description: "between two heartbeats",
        }),
        apiKey: Type.String({ default: "", description: "sent as it is in `Authorization`", secret: true }),
        workerId: Type.String({
          maxLength: 128,
          default: "",
          description: "the name jobs are taken under",
          shownDefault: "a new one at every start",
        }),
      },
      closed,
    ),
  },
  {
    ...closed,
    title: "`sektor worker`",
    description: "It takes jobs from a RunPod-style endpoint instead of listening.",
  },
);
