import { Agent, type Dispatcher } from "undici";
import { withTimeout } from "../foundation/index.ts";
import { EngineUnavailableError } from "../inference/index.ts";
import { EngineFailedError } from "./errors.ts";
import { type JsonObject, parseObject } from "./json.ts";
import { RefusedCall, readRefusal } from "./refusal-facts.ts";

export interface EngineTimeouts {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** Until the engine says anything to a generation; its own queue counts, so longer than the engine's longest wait. */
  readonly firstByteMs: number;
  /** Between two pieces of a reply. */
  readonly idleMs: number;
  /** A whole call that is not a generation: status, tokens, vectors. */
  readonly callMs: number;
}

export const defaultTimeouts: EngineTimeouts = {
  connectMs: 3_000,
  firstByteMs: 120_000,
  idleMs: 60_000,
  callMs: 30_000,
};

export interface ConnectionOptions {
  readonly url: string | undefined;
  readonly socketPath: string | undefined;
  readonly token: string | undefined;
  readonly connections: number;
  readonly timeouts: EngineTimeouts;
  /** A connection has ended: what was known of the engine may be another engine's by now. */
  readonly onDisconnect: () => void;
}

export interface StreamOptions {
  readonly signal: AbortSignal | undefined;
  /** The engine hangs up after a stream, so no further request may be sent into that connection. */
  readonly lastOnConnection: boolean;
  /** W3C Trace Context, for engines that trace themselves. */
  readonly traceparent: string | undefined;
}

const retryAfterS = 2;
const errorBodyBytes = 65_536;
const replyBodyBytes = 67_108_864;
/** Below the 5 s after which uvicorn and llama-server hang up, so that no request is sent into a closing socket. */
const keepAliveMs = 4_000;

/** One engine's address: keep-alive, bounded waits, typed failures. Texts of failures never hold the address. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #agent: Agent;
  readonly #origin: string;
  readonly #prefix: string;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const base = new URL(options.url ?? "http://engine");
    this.#origin = base.origin;
    this.#prefix = base.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
    this.#agent = new Agent({
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      headersTimeout: options.timeouts.firstByteMs,
      bodyTimeout: options.timeouts.idleMs,
      connect: {
        timeout: options.timeouts.connectMs,
        ...(options.socketPath === undefined ? {} : { socketPath: options.socketPath }),
      },
    });
    this.#agent.on("disconnect", options.onDisconnect);
  }

  /** A JSON call. @param timeoutMs for the whole of it; default `callMs` @throws {RefusedCall} */
  async call(
    method: "GET" | "POST",
    path: string,
    body?: object,
    signal?: AbortSignal,
    timeoutMs?: number,
  ): Promise<JsonObject | readonly unknown[]> {
    const limited = withTimeout(timeoutMs ?? this.#options.timeouts.callMs, signal);
    try {
      const response = await this.#send(method, path, body, limited);
      const text = await readText(response.body, replyBodyBytes);
      // vLLM answers adapter loading with plain text.
      const isJson = String(response.headers["content-type"] ?? "").includes("json");
      const value: unknown = isJson ? JSON.parse(text) : {};
      return Array.isArray(value) ? value : parseObject(value);
    } catch (failure) {
      throw this.#named(failure, signal);
    }
  }

  /** A call whose reply is read as it comes. Whoever stops reading, or fires `signal`, closes the request. @throws {RefusedCall} */
  async *stream(path: string, body: object, options: StreamOptions): AsyncGenerator<Buffer, void, void> {
    const { signal } = options;
    let response: Dispatcher.ResponseData | undefined;
    try {
      response = await this.#send("POST", path, body, signal, options);
      for await (const piece of response.body) yield piece as Buffer;
    } catch (failure) {
      throw this.#named(failure, signal);
    } finally {
      response?.body.on("error", () => {}).destroy();
    }
  }

  async close(): Promise<void> {
    this.#agent.off("disconnect", this.#options.onDisconnect);
    await this.#agent.destroy();
  }

  async #send(
    method: "GET" | "POST",
    path: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
    { lastOnConnection = false, traceparent }: Partial<StreamOptions> = {},
  ): Promise<Dispatcher.ResponseData> {
    signal?.throwIfAborted();
    const { token } = this.#options;
    const response = await this.#agent.request({
      origin: this.#origin,
      path: `${this.#prefix}${path}`,
      method,
      headers: {
        accept: "application/json, text/event-stream",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined || token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      reset: lastOnConnection,
    });
    if (response.statusCode < 400) return response;
    const refusal = await readObject(response.body);
    throw new RefusedCall(readRefusal(response.statusCode, refusal, positiveSeconds(response.headers["retry-after"])));
  }

  /** @param signal the caller's own: when that has fired, its reason is the answer */
  #named(failure: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted === true) return signal.reason;
    if (failure instanceof SyntaxError) return new EngineFailedError("its answer is not JSON", failure);
    if (isNetworkFault(failure)) return new EngineUnavailableError(retryAfterS, failure);
    return failure;
  }
}

const networkFaults = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EACCES",
]);

function isNetworkFault(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false;
  if (failure instanceof AggregateError) return failure.errors.some(isNetworkFault);
  // A reply that was cut off in the middle of its framing, and our own limit on a call.
  if (failure.name === "HTTPParserError" || failure.name === "TimeoutError") return true;
  const { code } = failure as NodeJS.ErrnoException;
  // undici's own: connect, headers and body timeouts, a socket that closed, a destroyed client.
  return typeof code === "string" && (networkFaults.has(code) || code.startsWith("UND_ERR_"));
}

async function readText(body: Dispatcher.ResponseData["body"], limit: number): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += (piece as Buffer).length;
    if (length > limit) throw new EngineFailedError("its answer is too long");
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** The body of a refusal; whatever cannot be read counts as empty. */
async function readObject(body: Dispatcher.ResponseData["body"]): Promise<JsonObject> {
  try {
    return parseObject(JSON.parse(await readText(body, errorBodyBytes)));
  } catch {
    return {};
  }
}

function positiveSeconds(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
