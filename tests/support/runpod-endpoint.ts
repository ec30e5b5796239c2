import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface EndpointRequest {
  readonly kind: "take" | "stop" | "outcome" | "part" | "ping";
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** What to answer to the next request of a kind, instead of keeping the promise. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly body?: string;
  readonly location?: string;
}

export interface ScriptedEndpoint {
  readonly origin: string;
  /** As an endpoint would give them to its workers. */
  readonly urls: { takeUrl: string; outputUrl: string; streamUrl: string; pingUrl: string };
  readonly requests: readonly EndpointRequest[];
  of(kind: EndpointRequest["kind"]): readonly EndpointRequest[];
  /** Handed out to the next who asks. */
  queue(...jobs: readonly object[]): void;
  /** Told to the next who asks for cancelled jobs. */
  cancel(...ids: readonly string[]): void;
  /** Answers of the next requests of a kind, one each. */
  answer(kind: EndpointRequest["kind"], ...answers: readonly ScriptedAnswer[]): void;
  /** Holds back the answers of a kind until the returned function is called. */
  hold(kind: EndpointRequest["kind"]): () => void;
  /** Waits until there have been so many requests of a kind; answers the last of them. */
  request(kind: EndpointRequest["kind"], count?: number): Promise<EndpointRequest>;
  close(): Promise<void>;
}

const kinds = {
  "job-take": "take",
  "job-take-batch": "take",
  "job-stop": "stop",
  "job-done": "outcome",
  "job-stream": "part",
  ping: "ping",
} as const;

/** A real HTTP server on 127.0.0.1 that hands out jobs as RunPod does, or breaks that promise on request. */
export async function startRunpodEndpoint(): Promise<ScriptedEndpoint> {
  const requests: EndpointRequest[] = [];
  const changes = new EventEmitter().setMaxListeners(100);
  const jobs: object[] = [];
  const cancelled: string[] = [];
  const scripted = new Map<string, ScriptedAnswer[]>();
  const held = new Map<string, Promise<void>>();
  const of = (kind: EndpointRequest["kind"]) => requests.filter((request) => request.kind === kind);

  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    void serve(request, response).catch(() => response.destroy());
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://endpoint");
    const kind = kinds[url.pathname.split("/")[3] as keyof typeof kinds];
    requests.push({ kind, url, headers: request.headers, body: await readBody(request) });
    changes.emit("request");
    await held.get(kind);
    const answer = scripted.get(kind)?.shift() ?? kept(kind, url);
    const { location } = answer;
    response.writeHead(answer.status, {
      "content-type": "application/json",
      ...(location === undefined ? {} : { location }),
    });
    response.end(answer.body ?? "");
  };
  const kept = (kind: EndpointRequest["kind"], url: URL): ScriptedAnswer => {
    if (kind === "stop") {
      const ids = cancelled.splice(0);
      return ids.length === 0 ? { status: 204 } : { status: 200, body: JSON.stringify({ jobsToStop: ids }) };
    }
    if (kind !== "take") return { status: 200, body: "{}" };
    const batch = url.searchParams.get("batch_size");
    const given = jobs.splice(0, Number(batch ?? 1));
    if (given.length === 0) return { status: 204 };
    return { status: 200, body: JSON.stringify(batch === null ? given[0] : given) };
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = `${origin}/v2/endpoint`;
  return {
    origin,
    urls: {
      takeUrl: `${base}/job-take/$ID?gpu=cpu`,
      outputUrl: `${base}/job-done/$RUNPOD_POD_ID/$ID?gpu=cpu`,
      streamUrl: `${base}/job-stream/$RUNPOD_POD_ID/$ID?gpu=cpu`,
      pingUrl: `${base}/ping/$RUNPOD_POD_ID?gpu=cpu`,
    },
    requests,
    of,
    queue: (...more) => void jobs.push(...more),
    cancel: (...ids) => void cancelled.push(...ids),
    answer: (kind, ...answers) => void scripted.set(kind, [...(scripted.get(kind) ?? []), ...answers]),
    hold: (kind) => {
      let release = (): void => undefined;
      held.set(kind, new Promise<void>((resolve) => (release = resolve)));
      return () => {
        held.delete(kind);
        release();
      };
    },
    request: async (kind, count = 1) => {
      for (;;) {
        const request = of(kind)[count - 1];
        if (request !== undefined) return request;
        await once(changes, "request");
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const text = Buffer.concat(await request.toArray()).toString("utf8");
  return text === "" ? undefined : JSON.parse(text);
}
