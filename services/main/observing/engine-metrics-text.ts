import { Client } from "undici";
import { contentTypes, type ExpositionFormat } from "../../observability/index.ts";

const limitMs = 2000;

/** The metrics of the engine process behind a unix socket. */
export async function engineMetricsText(socketPath: string, format: ExpositionFormat): Promise<string> {
  const client = new Client("http://infer", { socketPath, headersTimeout: limitMs, bodyTimeout: limitMs });
  try {
    const headers = { accept: contentTypes[format] };
    const { statusCode, body } = await client.request({
      path: "/metrics",
      method: "GET",
      headers,
      signal: AbortSignal.timeout(limitMs),
    });
    const text = await body.text();
    return statusCode === 200 ? text : "";
  } finally {
    await client.destroy();
  }
}
