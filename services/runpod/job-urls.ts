/** The addresses of an endpoint, as it gives them to its workers; they may hold placeholders. */
export interface EndpointUrls {
  /** `$ID` stands for the worker's id. */
  readonly takeUrl: string;
  /** `$RUNPOD_POD_ID` stands for the worker's id, `$ID` for the job's. */
  readonly outputUrl: string;
  /** The same; empty: there is none. */
  readonly streamUrl: string;
  /** `$RUNPOD_POD_ID` stands for the worker's id; empty: there is none. */
  readonly pingUrl: string;
}

const single = "/job-take/";

/** The addresses of one worker. What they are is the endpoint's business: only placeholders and query parameters are put in. */
export function createJobUrls({ takeUrl, outputUrl, streamUrl, pingUrl }: EndpointUrls, workerId: string) {
  const worker = encodeURIComponent(workerId);
  const take = put(takeUrl, "$ID", worker);
  const ofJob = (url: string, jobId: string): string =>
    put(put(url, "$RUNPOD_POD_ID", worker), "$ID", encodeURIComponent(jobId));
  return {
    /** More than one job is asked for at another address, where there is one. */
    take: (most: number, busy: boolean): string => {
      const several = most > 1 && take.includes(single);
      const url = several ? withQuery(take.replace(single, "/job-take-batch/"), `batch_size=${most}`) : take;
      return withQuery(url, `job_in_progress=${busy ? 1 : 0}`);
    },
    /** Undefined: it cannot be told from the address for taking. */
    stops: take.includes(single) ? take.replace(single, "/job-stop/") : undefined,
    outcome: (jobId: string, streamed: boolean): string =>
      withQuery(ofJob(outputUrl, jobId), `isStream=${String(streamed)}`),
    part: (jobId: string): string => withQuery(ofJob(streamUrl, jobId), "isStream=false"),
    ping: (jobIds: readonly string[]): string => {
      const url = put(pingUrl, "$RUNPOD_POD_ID", worker);
      const told = jobIds.length === 0 ? url : withQuery(url, `job_id=${encodeURIComponent(jobIds.join(","))}`);
      return withQuery(told, "runpod_version=sektor");
    },
  };
}

export type JobUrls = ReturnType<typeof createJobUrls>;

/** A function, because `$` means something in a replacement that is text. */
function put(url: string, placeholder: string, value: string): string {
  return url.replaceAll(placeholder, () => value);
}

function withQuery(url: string, parameter: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${parameter}`;
}
