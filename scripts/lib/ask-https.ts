import { type Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** PEM: trusted instead of the public authorities. */
  readonly ca?: string;
  /** The address it comes from: any of 127.0.0.0/8. */
  readonly from?: string;
  /** The name its certificate is for, where that is not the host of the URL. */
  readonly name?: string;
  /** Keeps connections between requests. Default: each has one of its own. */
  readonly agent?: Agent;
  /** Gives up after so long, ms. Default: never. */
  readonly limitMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
}

/**
 * One request, its path sent as it is; `http:` or `https:`.
 * @throws {Error} nobody answers, the certificate is not trusted, or the time is over
 */
export function askHttps(url: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, ca, from, name, agent = false, limitMs } = asked;
  const { protocol, hostname, port } = new URL(url);
  const options = {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port,
    path,
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) },
    agent,
    ...(from === undefined ? {} : { localAddress: from }),
    ...(ca === undefined ? {} : { ca }),
    ...(name === undefined ? {} : { servername: name }),
    ...(limitMs === undefined ? {} : { signal: AbortSignal.timeout(limitMs) }),
  };
  return new Promise((resolve, reject) => {
    const request = (protocol === "https:" ? httpsRequest : httpRequest)(options, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.once("end", () => {
        const bytes = Buffer.concat(pieces);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: bytes.toString("utf8"), bytes });
      });
      response.once("error", reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}
