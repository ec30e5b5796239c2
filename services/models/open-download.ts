import type { IncomingHttpHeaders } from "node:http";
import { type Dispatcher, request } from "undici";
import { ModelAccessError, ModelDownloadError, ModelNotFoundError, type Reason } from "./errors.ts";
import type { PartOrigin } from "./part-file.ts";

/** Worth another try after a pause; never leaves the room. */
export class TransientFailure extends Error {
  override readonly name = "TransientFailure";
  readonly reason: Reason;
  readonly retryAfterMs: number | undefined;
  constructor(reason: Reason, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(reason.en, { cause: options.cause });
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The hub whose token we hold. */
export interface Hub {
  readonly url: URL;
  /** Bearer token; empty: none. Sent to this very origin and nowhere else, redirects included. */
  readonly token: string;
}

export interface RequestContext {
  readonly dispatcher: Dispatcher;
  readonly hub: Hub;
  readonly signal: AbortSignal;
  /** How messages name the thing asked for; no query string, which may hold a signature. */
  readonly label: string;
}

export interface OpenedDownload {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Dispatcher.ResponseData["body"];
  /** The hub's own word about the file, from the answer that redirects to its storage. */
  readonly hubSha256: string | undefined;
}

const redirectLimit = 8;

/**
 * GET, following redirects; answers for any 2xx and for 416.
 * @throws {ModelNotFoundError} 404, 410 @throws {ModelAccessError} 401, 403
 * @throws {TransientFailure} no connection, 408, 425, 429, 5xx @throws {ModelDownloadError} any other answer
 */
export async function openDownload(
  url: URL,
  extra: Record<string, string>,
  context: RequestContext,
): Promise<OpenedDownload> {
  let target = url;
  let hubSha256: string | undefined;
  for (let hop = 0; hop <= redirectLimit; hop++) {
    const fromHub = target.origin === context.hub.url.origin;
    const { statusCode, headers, body } = await send(
      target,
      { ...extra, ...authorization(fromHub, context.hub) },
      context,
    );
    if (fromHub) hubSha256 = sha256In(headers["x-linked-etag"]) ?? hubSha256;
    if (statusCode < 300 || statusCode === 416) return { status: statusCode, headers, body, hubSha256 };
    // Read to the end so that the connection can be used again; bounded, because an error page may be anything.
    await body.dump({ limit: 65_536 }).catch(() => undefined);
    if (statusCode >= 400) throw refusal(statusCode, headers, context.label);
    target = redirectTarget(target, headers, context.label);
  }
  throw new ModelDownloadError(context.label, {
    en: `more than ${redirectLimit} redirects`,
    tr: `${redirectLimit} yönlendirmeden fazlası`,
  });
}

async function send(target: URL, headers: Record<string, string>, { dispatcher, signal }: RequestContext) {
  try {
    return await request(target, {
      dispatcher,
      signal,
      headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": "sektor", ...headers },
    });
  } catch (fault) {
    signal.throwIfAborted();
    throw new TransientFailure(connectionFault(fault), { cause: fault });
  }
}

/** `ECONNREFUSED` and the like; the text of such errors may hold addresses and is left out. */
export function connectionFault(fault: unknown): Reason {
  const { code, name } = fault as { code?: unknown; name?: unknown };
  const what = String(code ?? name ?? "?");
  return { en: `the connection failed (${what})`, tr: `bağlantı kurulamadı ya da koptu (${what})` };
}

function authorization(fromHub: boolean, hub: Hub): Record<string, string> {
  return fromHub && hub.token !== "" ? { authorization: `Bearer ${hub.token}` } : {};
}

function redirectTarget(from: URL, { location }: IncomingHttpHeaders, label: string): URL {
  if (typeof location !== "string" || !URL.canParse(location, from.href)) {
    throw new ModelDownloadError(label, {
      en: "a redirect without a usable address",
      tr: "adresi okunamayan bir yönlendirme",
    });
  }
  const target = new URL(location, from);
  const safe = target.protocol === "https:" || (target.protocol === "http:" && from.protocol === "http:");
  if (!safe)
    throw new ModelDownloadError(label, {
      en: `a redirect from ${from.protocol} to ${target.protocol}`,
      tr: `${from.protocol} adresinden ${target.protocol} adresine yönlendirme`,
    });
  return target;
}

function refusal(status: number, headers: IncomingHttpHeaders, label: string): Error {
  if (status === 404 || status === 410) return new ModelNotFoundError(label);
  if (status === 401 || status === 403) return new ModelAccessError(label, status);
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    const seconds = Number(headers["retry-after"]);
    return new TransientFailure(answered(status), seconds > 0 ? { retryAfterMs: seconds * 1000 } : {});
  }
  return new ModelDownloadError(label, answered(status));
}

function answered(status: number): Reason {
  return { en: `the server answered ${status}`, tr: `sunucu ${status} yanıtını verdi` };
}

/** The hub's `x-linked-etag` is the file's SHA-256 for large files, a git id (40 digits) for small ones. */
function sha256In(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(header)?.[1]?.toLowerCase() : undefined;
}

/** What proves later that the server still has the same bytes. */
export function originOf({ status, headers }: OpenedDownload, sha256: string | undefined): PartOrigin {
  const etag = headers.etag;
  const modified = headers["last-modified"];
  const validator = etag !== undefined && !etag.startsWith("W/") ? etag : modified;
  return { sha256, validator, totalBytes: status === 206 ? contentRange(headers)?.total : contentLength(headers) };
}

export function contentLength(headers: IncomingHttpHeaders): number | undefined {
  const length = Number(headers["content-length"] ?? "");
  return Number.isSafeInteger(length) && length > 0 ? length : undefined;
}

/** `bytes 100-199/200` → start 100, total 200; `bytes * /200` (of a 416) → total alone. */
export function contentRange(
  headers: IncomingHttpHeaders,
): { start: number | undefined; total: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers["content-range"] ?? "");
  if (match === null) return undefined;
  const [, start, total] = match;
  return {
    start: start === undefined ? undefined : Number(start),
    total: total === undefined || total === "*" ? undefined : Number(total),
  };
}
