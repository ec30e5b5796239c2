import { Client } from "undici";

const limitMs = 2000;

/** The metrics of the engine process behind a unix socket, as Prometheus text. */
export async function engineMetricsText(socketPath: string): Promise<string> {
  const client = new Client("http://infer", { socketPath, headersTimeout: limitMs, bodyTimeout: limitMs });
  try {
    const { body } = await client.request({ path: "/metrics", method: "GET", signal: AbortSignal.timeout(limitMs) });
    return await body.text();
  } finally {
    await client.destroy();
  }
}
