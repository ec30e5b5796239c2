import type { buildGatewayApp } from "../../services/http/index.ts";

type App = Awaited<ReturnType<typeof buildGatewayApp>>;

export interface RunAnswer {
  readonly id: string;
  readonly status: string;
  readonly output?: unknown;
}

export interface ApiAnswer<Body> {
  readonly status: number;
  readonly body: Body;
}

const ended = ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"];
const lookAgainMs = 20;
const longestWaitMs = 20_000;

/** A client of `/v2/sektor`, asking the app in this process. @param key default: none */
export class RunClient {
  readonly #app: App;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(app: App, key?: string) {
    this.#app = app;
    this.#headers = {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: what comes is what the test looks at.
  async get<Body = any>(path: string): Promise<ApiAnswer<Body>> {
    const { "content-type": _, ...headers } = this.#headers;
    const response = await this.#app.inject({ method: "GET", url: `/v2/sektor${path}`, headers });
    return { status: response.statusCode, body: response.json() };
  }

  // biome-ignore lint/suspicious/noExplicitAny: what comes is what the test looks at.
  async post<Body = any>(path: string, body?: object): Promise<ApiAnswer<Body>> {
    const response = await this.#app.inject({
      method: "POST",
      url: `/v2/sektor${path}`,
      headers: this.#headers,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: response.statusCode, body: response.json() };
  }

  /** @returns the job's id */
  async run(input: object, more: object = {}): Promise<string> {
    return (await this.post<RunAnswer>("/run", { input, ...more })).body.id;
  }

  /** The job when it has ended. @throws {Error} it does not end */
  async ended(id: string) {
    const { body } = await this.get(`/status-sync/${id}?wait=${longestWaitMs}`);
    if (!ended.includes(body.status)) throw new Error(`The job is still ${body.status}.`);
    return body;
  }

  /** Looks until the job has this status. @throws {Error} it never has */
  async until(id: string, status: string) {
    for (let waitedMs = 0; waitedMs < longestWaitMs; waitedMs += lookAgainMs) {
      const { body } = await this.get(`/status/${id}`);
      if (body.status === status) return body;
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
    throw new Error(`The job is never ${status}.`);
  }
}
