import { Agent } from "undici";
import { pause, withTimeout } from "../foundation/index.ts";
import type { JobEndpoint, StopAnswer, TakeAnswer } from "./endpoint.ts";
import { createJobUrls, type EndpointUrls } from "./job-urls.ts";
import { failurePauseMs, type Pace } from "./pace.ts";
import { readStops, readTakenJobs } from "./take-answer.ts";

export interface HttpEndpointOptions extends EndpointUrls {
  /** Goes into `Authorization` as it is. */
  readonly apiKey: string;
  readonly workerId: string;
  readonly pace: Pace;
}

interface Answer {
  /** 0: there was none. */
  readonly status: number;
  readonly body: string;
  /** Of status 0: the fault's code; its text may hold addresses and is left out. */
  readonly fault: string;
}

interface Call {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly body?: string;
  readonly jobId?: string;
  readonly timeoutMs: number;
}

/** The largest input that may be sent to such an endpoint is 20 MB, and there may be several in one answer. */
const longestAnswerBytes = 64 * 1024 * 1024;

/** An endpoint that speaks RunPod's protocol for workers (docs/guides/serverless-worker.md has it). */
export function createHttpEndpoint({ apiKey, workerId, pace, ...addresses }: HttpEndpointOptions): JobEndpoint {
  const urls = createJobUrls(addresses, workerId);
  const agent = new Agent({ maxResponseSize: longestAnswerBytes });

  const call = async ({ url, method, body, jobId, timeoutMs }: Call, signal: AbortSignal): Promise<Answer> => {
    try {
      const { origin, pathname, search } = new URL(url);
      const response = await agent.request({
        origin,
        path: pathname + search,
        method,
        signal: withTimeout(timeoutMs, signal),
        headers: {
          accept: "application/json",
          authorization: apiKey,
          "user-agent": "sektor",
          // The body is JSON all the same; this is what the endpoint's own client announces.
          ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded", charset: "utf-8" }),
          ...(jobId === undefined ? {} : { "x-request-id": jobId }),
        },
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.statusCode, body: await response.body.text(), fault: "" };
    } catch (fault) {
      signal.throwIfAborted();
      const { code, name } = fault as { readonly code?: unknown; readonly name?: unknown };
      // The code of a DOMException is a number and says less than its name.
      return { status: 0, body: "", fault: String(typeof code === "string" ? code : (name ?? "?")) };
    }
  };

  /** Tried again after a fault of the network or of the endpoint; a refusal is final. */
  const post = async (request: Omit<Call, "method">, tries: number, signal: AbortSignal): Promise<boolean> => {
    for (let failures = 1; ; failures++) {
      const { status } = await call({ ...request, method: "POST" }, signal);
      if (status >= 200 && status < 300) return true;
      if (!isPassing(status) || failures >= tries) return false;
      await pause(failurePauseMs(pace, failures), signal);
      signal.throwIfAborted();
    }
  };

  return {
    streams: addresses.streamUrl !== "",
    pings: addresses.pingUrl !== "",
    take: async (most, busy, signal) => {
      const url = urls.take(most, busy);
      const answer = await call({ url, method: "GET", timeoutMs: pace.takeTimeoutMs }, signal);
      return handedOut(answer) ?? read(answer.body, readTakenJobs);
    },
    stops: async (signal) => {
      if (urls.stops === undefined) return { type: "unsupported" };
      const answer = await call({ url: urls.stops, method: "GET", timeoutMs: pace.takeTimeoutMs }, signal);
      if ([404, 405, 501].includes(answer.status)) return { type: "unsupported" };
      return handedOut(answer) ?? read(answer.body, readStops);
    },
    postOutcome: (jobId, outcome, streamed, signal) => {
      const url = urls.outcome(jobId, streamed);
      const body = JSON.stringify(outcome);
      return post({ url, jobId, body, timeoutMs: pace.callTimeoutMs }, pace.outcomeTries, signal);
    },
    postPart: (jobId, text, signal) => {
      const url = urls.part(jobId);
      const body = JSON.stringify({ output: text });
      return post({ url, jobId, body, timeoutMs: pace.partTimeoutMs }, pace.partTries, signal);
    },
    ping: async (jobIds, signal) => {
      const { status } = await call({ url: urls.ping(jobIds), method: "GET", timeoutMs: pace.pingTimeoutMs }, signal);
      return status >= 200 && status < 300;
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

/** An answer without jobs; undefined: its body holds some. */
function handedOut({ status, fault }: Answer): (TakeAnswer & StopAnswer) | undefined {
  if (status === 200) return undefined;
  // 400 is what a worker gets that was put to sleep and has just been woken; time without an answer is time without jobs.
  if (status === 204 || status === 400 || fault === "TimeoutError") return { type: "none" };
  if (status === 429) return { type: "throttled" };
  return { type: "failed", reason: status === 0 ? fault : `status ${status}` };
}

function read<T>(body: string, reader: (body: string) => T): T | { readonly type: "failed"; readonly reason: string } {
  try {
    return reader(body);
  } catch {
    return { type: "failed", reason: "the answer is not JSON" };
  }
}

function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}
