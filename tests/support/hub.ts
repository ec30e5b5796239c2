import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One file a test hub serves, with the faults it shows on the way; every fault is off unless named. */
export interface HubFileSpec {
  readonly bytes: Buffer;
  /** Break the connection after so many body bytes, one entry per request; later requests go through. */
  readonly cutAfter?: readonly number[];
  /** Answer these statuses first, one per request. */
  readonly statuses?: readonly number[];
  readonly ignoreRange?: boolean;
  /** Neither ETag nor Last-Modified. */
  readonly noValidator?: boolean;
  /** Another ETag after so many requests, and with it `laterBytes`. */
  readonly laterBytes?: { readonly afterRequests: number; readonly bytes: Buffer };
  /** Answer 302 to this address, with the hub's x-linked-etag. */
  readonly redirectTo?: string;
  /** What x-linked-etag claims; default: the truth. */
  readonly linkedSha256?: string;
  readonly token?: string;
  /** Send the headers and so many bytes, then fall silent, on the first request. */
  readonly stallAfter?: number;
  /** What Content-Length claims; the body is left open. */
  readonly claimedLength?: number;
  /** Bytes go out in pieces of this size with a pause of 1 ms between them. */
  readonly pieceBytes?: number;
}

export interface SeenRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface TestHub {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Paths may be changed while the hub runs. */
  readonly files: Map<string, HubFileSpec>;
  /** JSON answers, for the tree API. */
  readonly json: Map<string, unknown>;
  /** Link headers of those answers. */
  readonly links: Map<string, string>;
  close(): Promise<void>;
}

/** A real HTTP server on 127.0.0.1 that keeps a model hub's promises, or breaks them on request. */
export async function startHub(files: Readonly<Record<string, HubFileSpec>> = {}): Promise<TestHub> {
  const served = new Map(Object.entries(files));
  const json = new Map<string, unknown>();
  const links = new Map<string, string>();
  const requests: SeenRequest[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    const path = decodeURIComponent(request.url ?? "/");
    requests.push({ path, range: request.headers.range, authorization: request.headers.authorization });
    const answer = json.get(path);
    if (answer !== undefined) {
      response.setHeader("content-type", "application/json");
      const link = links.get(path);
      if (link !== undefined) response.setHeader("link", link);
      response.end(JSON.stringify(answer));
      return;
    }
    const spec = served.get(path);
    if (spec === undefined) {
      response.writeHead(404).end("Not found");
      return;
    }
    const count = counts.get(path) ?? 0;
    counts.set(path, count + 1);
    void serveFile(spec, count, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    files: served,
    json,
    links,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serveFile(
  spec: HubFileSpec,
  count: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const status = spec.statuses?.[count];
  if (status !== undefined) {
    response.writeHead(status, { "retry-after": "0" }).end("no");
    return;
  }
  if (spec.token !== undefined && request.headers.authorization !== `Bearer ${spec.token}`) {
    response.writeHead(401).end("Unauthorized");
    return;
  }
  const later = spec.laterBytes;
  const bytes = later !== undefined && count >= later.afterRequests ? later.bytes : spec.bytes;
  if (spec.redirectTo !== undefined) {
    const linked = spec.linkedSha256 ?? sha256Of(bytes);
    response.writeHead(302, { location: spec.redirectTo, "x-linked-etag": `"${linked}"` }).end("moved");
    return;
  }
  const etag = `"${sha256Of(bytes).slice(0, 16)}"`;
  const start = rangeStart(spec, etag, request);
  if (!spec.noValidator) response.setHeader("etag", etag);
  if (spec.linkedSha256 !== undefined) response.setHeader("x-linked-etag", `"${spec.linkedSha256}"`);
  if (start !== undefined && start >= bytes.length) {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    return;
  }
  const body = bytes.subarray(start ?? 0);
  response.statusCode = start === undefined ? 200 : 206;
  if (start !== undefined) response.setHeader("content-range", `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
  response.setHeader("content-length", spec.claimedLength ?? body.length);
  const cut = spec.cutAfter?.[count];
  const end = cut ?? (count === 0 ? spec.stallAfter : undefined) ?? body.length;
  for (let at = 0; at < Math.min(end, body.length); ) {
    const next = Math.min(end, at + (spec.pieceBytes ?? body.length));
    response.write(body.subarray(at, next));
    at = next;
    if (spec.pieceBytes !== undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // The bytes before the cut must have left this process before the connection does.
  if (cut !== undefined) setTimeout(() => response.destroy(), 30);
  else if (end === body.length && spec.claimedLength === undefined) response.end();
}

function rangeStart(spec: HubFileSpec, etag: string, request: IncomingMessage): number | undefined {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  if (match === null || spec.ignoreRange === true) return undefined;
  const condition = request.headers["if-range"];
  return condition !== undefined && condition !== etag ? undefined : Number(match[1]);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A file that begins as a GGUF does; the rest is filler that depends on `seed`. */
export function ggufBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    bytes[index] = state >> 16;
  }
  bytes.write("GGUF", 0, "latin1");
  return bytes;
}
