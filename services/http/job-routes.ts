import { Readable } from "node:stream";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  type FeedbackReport,
  type FeedbackStore,
  renderCsv,
  renderMarkdown,
  spanOf,
  withTextsOf,
} from "../feedback/index.ts";
import {
  contractOf,
  type Job,
  JobNotFoundError,
  JobNotRetryableError,
  type JobOutputs,
  type Jobs,
  jobNames,
} from "../jobs/index.ts";
import { JobOutputQuery, JobParams, JobsQuery, renderJob, StartJobBody } from "./job-shapes.ts";

export interface JobRouteParts {
  readonly jobs: Jobs;
  readonly outputs: JobOutputs;
  /** Where the texts of reports are asked for: of who was erased there are none any more. */
  readonly feedback: Pick<FeedbackStore, "report">;
}

const config = { scope: "admin" } as const;
const tags = ["jobs"];

/** `/v1/jobs`: what the platform does outside a turn, for administrators. */
export const jobRoutes: FastifyPluginAsyncTypebox<JobRouteParts> = async (app, { jobs, outputs, feedback }) => {
  const found = async (id: string): Promise<Job> => {
    const job = await jobs.get(id);
    if (job === undefined) throw new JobNotFoundError();
    return job;
  };

  app.get(
    "/jobs",
    {
      config,
      schema: { tags, summary: "İşler, en yenisi önce; sayılarıyla (yönetici)", querystring: JobsQuery },
    },
    async ({ query }) => {
      const { name, state = "failed", offset = "0", limit = "20" } = query;
      const names = name === undefined ? jobNames : [name];
      const page = { group: state, offset: name === undefined ? 0 : Number(offset), limit: Number(limit) };
      const [pages, counts] = await Promise.all([
        Promise.all(names.map((one) => jobs.list({ name: one, ...page }))),
        Promise.all(jobNames.map(async (one) => [one, await jobs.counts(one)] as const)),
      ]);
      const listed = pages
        .flatMap((one) => one.jobs)
        .sort((one, other) => lastMoment(other).localeCompare(lastMoment(one)));
      return {
        object: "list",
        data: listed.slice(0, page.limit).map((job) => renderJob(job, false)),
        total: pages.reduce((sum, { total }) => sum + total, 0),
        counts: Object.fromEntries(counts),
        startable: jobNames.filter((one) => contractOf(one).startable),
      };
    },
  );

  app.post(
    "/jobs",
    {
      config,
      schema: { tags, summary: "Rapor, dışa aktarım ya da değerlendirme başlat (yönetici)", body: StartJobBody },
    },
    async ({ body: { name, payload = {} } }, reply) => {
      const id = await jobs.add(name, payload as never);
      return reply.code(202).send(renderJob(await found(id), false));
    },
  );

  app.get(
    "/jobs/:id",
    { config, schema: { tags, summary: "Bir iş (yönetici)", params: JobParams } },
    async ({ params }) => renderJob(await found(params.id), true),
  );

  app.get(
    "/jobs/:id/output",
    {
      config,
      schema: {
        tags,
        summary: "İşin ürettiği: rapor, eğitim çiftleri, değerlendirme (yönetici)",
        params: JobParams,
        querystring: JobOutputQuery,
      },
    },
    async ({ params, query: { format = "json" } }, reply) => {
      const job = await found(params.id);
      if (job.state !== "completed" || job.result === null) throw new JobNotFoundError();
      if (job.name === "feedback-export") {
        reply.header("content-disposition", 'attachment; filename="egitim-ciftleri.jsonl"');
        return reply.type("application/x-ndjson; charset=utf-8").send(Readable.from(outputs.read(job.id)));
      }
      if (job.name === "evaluation") return job.result.summary;
      if (job.name !== "feedback-report") throw new JobNotFoundError();
      const kept = job.result.report as unknown as FeedbackReport;
      const report = withTextsOf(kept, await feedback.report(spanOf(kept)));
      if (format === "markdown") return reply.type("text/markdown; charset=utf-8").send(renderMarkdown(report));
      if (format === "csv") return reply.type("text/csv; charset=utf-8").send(renderCsv(report));
      return report;
    },
  );

  app.post(
    "/jobs/:id/retry",
    { config, schema: { tags, summary: "Sonuçsuz biten işi yeniden sıraya al (yönetici)", params: JobParams } },
    async ({ params }, reply) => {
      const job = await found(params.id);
      if (!(await jobs.retry(job.id))) throw new JobNotRetryableError(job.state);
      return reply.code(202).send(renderJob(await found(job.id), false));
    },
  );

  app.post(
    "/jobs/:id/cancel",
    { config, schema: { tags, summary: "İşi iptal et (yönetici)", params: JobParams } },
    async ({ params }, reply) => {
      const job = await jobs.cancel(params.id);
      if (job === undefined) throw new JobNotFoundError();
      return reply.code(202).send(renderJob(job, false));
    },
  );
};

function lastMoment({ createdAt, endedAt }: Job): string {
  return endedAt ?? createdAt;
}
