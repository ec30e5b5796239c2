import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Trusted besides the public authorities. */
  readonly ca?: string;
  /** The address it comes from: any of 127.0.0.0/8. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request over a connection of its own, its path sent as it is; `http:` or `https:`. */
export function askHttps(url: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, ca, from } = asked;
  const { protocol, hostname, port } = new URL(url);
  const options = {
    hostname,
    port,
    path,
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) },
    agent: false as const,
    ...(from === undefined ? {} : { localAddress: from }),
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const request = (protocol === "https:" ? httpsRequest : httpRequest)(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.once("error", reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}
