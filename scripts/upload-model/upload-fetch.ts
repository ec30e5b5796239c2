import { pause, withTimeout } from "../../services/foundation/index.ts";
import type { UploadJournal } from "./upload-journal.ts";

export interface UploadFetchOptions {
  readonly journal: UploadJournal;
  readonly signal: AbortSignal;
  /** Bytes of a file that have arrived. */
  readonly onBytes: (path: string, bytes: number) => void;
  /** What an earlier run has begun can no longer be gone on with; the next batch begins it anew. */
  readonly onStale: () => void;
  readonly patience: Patience;
}

export interface Patience {
  /** Tries of one request in all, ≥ 1. */
  readonly tries: number;
  /** Pause before the second; doubles, up to 30 s. */
  readonly firstPauseMs: number;
}

export const usualPatience: Patience = { tries: 6, firstPauseMs: 500 };

/** Longest wait for a request: so much, and the time its body takes on a slow line. */
const answerMs = 120_000;
const slowestBytesPerMs = 50;
const longestPauseMs = 30_000;

interface Hinted extends RequestInit {
  /** The client library's word about what is sent. */
  readonly progressHint?: { readonly path?: string };
}

/** What a batch answer says about one large file. */
interface BatchObject {
  readonly oid: string;
  actions?: { upload?: { href: string; header?: Record<string, string> } };
}

/**
 * `fetch` for the hub's client: patient with passing faults, and going on with large files that an earlier run has begun. A part that has
 * arrived is not sent again: the journal has its receipt.
 */
export function createUploadFetch({ journal, signal, onBytes, onStale, patience }: UploadFetchOptions): typeof fetch {
  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    for (let tries = 1; ; tries++) {
      const response = await attempt(input, init, signal);
      if (response instanceof Response && !isPassing(response.status)) return response;
      if (tries >= patience.tries) {
        if (response instanceof Response) return response;
        throw response;
      }
      const asked = response instanceof Response ? Number(response.headers.get("retry-after")) * 1000 : 0;
      const doubled = patience.firstPauseMs * 2 ** (tries - 1);
      await pause(Math.min(longestPauseMs, Math.max(doubled, asked || 0)), signal);
      signal.throwIfAborted();
    }
  };

  /** Refused: the addresses have expired, or the storage has thrown the parts away. */
  const dropped = (sha256: string): void => {
    journal.forget(sha256);
    onStale();
  };

  const sendPart = async (url: string, init: Hinted): Promise<Response> => {
    const part = journal.partAt(url);
    const note = (): void => onBytes(init.progressHint?.path ?? "", sizeOf(init.body));
    if (part?.receipt !== undefined) {
      note();
      return new Response(null, { headers: { etag: part.receipt } });
    }
    const response = await send(url, init);
    const receipt = response.headers.get("etag");
    if (response.ok) note();
    if (part !== undefined && response.ok && receipt !== null) journal.arrived(part.sha256, part.part, receipt);
    if (part !== undefined && isRefusal(response.status)) dropped(part.sha256);
    return response;
  };

  return async (input, init: Hinted = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    if (init.method === "PUT") return await sendPart(url, init);
    const response = await send(input, init);
    const joined = journal.joinedAt(url);
    if (joined !== undefined && response.ok) journal.forget(joined);
    if (joined !== undefined && isRefusal(response.status)) dropped(joined);
    return response.ok && url.endsWith("/info/lfs/objects/batch") ? await withStarted(response, journal) : response;
  };
}

/** A batch answer in which files that were begun keep their former addresses, and others are noted as begun. */
async function withStarted(response: Response, journal: UploadJournal): Promise<Response> {
  const answer = (await response.json()) as { objects?: BatchObject[] };
  for (const { oid, actions } of answer.objects ?? []) {
    const upload = actions?.upload;
    if (upload === undefined) journal.forget(oid);
    if (actions === undefined || upload?.header?.["chunk_size"] === undefined) continue;
    const started = journal.get(oid);
    if (started === undefined) journal.begin(oid, { href: upload.href, header: upload.header });
    else actions.upload = { href: started.href, header: started.header };
  }
  return new Response(JSON.stringify(answer), { status: response.status, headers: response.headers });
}

/** @returns the answer, or why there is none */
async function attempt(
  input: string | URL | Request,
  init: RequestInit,
  signal: AbortSignal,
): Promise<Response | Error> {
  const own = init.signal == null ? signal : AbortSignal.any([signal, init.signal]);
  try {
    const limitMs = answerMs + sizeOf(init.body) / slowestBytesPerMs;
    return await fetch(input, { ...init, signal: withTimeout(Math.round(limitMs), own) });
  } catch (fault) {
    own.throwIfAborted();
    return fault instanceof Error ? fault : new Error(String(fault));
  }
}

function sizeOf(body: RequestInit["body"]): number {
  if (typeof body === "string") return Buffer.byteLength(body);
  return body instanceof Blob ? body.size : 0;
}

function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

function isRefusal(status: number): boolean {
  return status >= 400 && !isPassing(status);
}
