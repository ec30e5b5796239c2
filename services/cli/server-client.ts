import { EventSourceParserStream } from "eventsource-parser/stream";
import { PlatformError } from "../foundation/index.ts";
import { ReplyBrokenError, ServerRefusedError, ServerUnreachableError, UsageError } from "./errors.ts";

export interface ServerEvent {
  /** `message` where the server names none. */
  readonly event: string;
  readonly data: string;
}

/** The running server, as every command sees it. Each wait ends with `signal`, or after `silenceMs` without a byte. */
export interface ServerClient {
  readonly url: string;
  /** @throws {ServerUnreachableError} @throws {ServerRefusedError} @throws {ReplyBrokenError} */
  getJson(path: string, signal?: AbortSignal): Promise<unknown>;
  postJson(path: string, body: object, signal?: AbortSignal): Promise<unknown>;
  deleteJson(path: string, signal?: AbortSignal): Promise<unknown>;
  /** Like getJson, for an answer that is text. */
  getText(path: string, accept: string, signal?: AbortSignal): Promise<string>;
  /** The body is sent and the events of the reply arrive in order. Throws as the others do, also midway. */
  postStream(path: string, body: object, signal?: AbortSignal): AsyncIterable<ServerEvent>;
  /** Like getJson, but an answer with status 503 is an answer: health says "not ready" that way. */
  getHealth(signal?: AbortSignal): Promise<{ readonly ok: boolean; readonly body: unknown }>;
}

export interface ServerClientOptions {
  readonly url: string;
  /** Empty: none is sent. */
  readonly apiKey: string;
  /** Longest silence, connecting included. */
  readonly silenceMs: number;
}

/** @throws {UsageError} the address is not an http(s) URL, or holds a password, which belongs in SEKTOR_API_KEY */
export function createServerClient({ url, apiKey, silenceMs }: ServerClientOptions): ServerClient {
  const base = baseOf(url);
  const shown = base.href.replace(/\/$/, "");

  async function send(
    path: string,
    body: object | undefined,
    watch: SilenceWatch,
    accept: string,
    method = body === undefined ? "GET" : "POST",
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path.replace(/^\//, ""), base), {
        method,
        // A redirect would drop the message or carry the key elsewhere; better to say so.
        redirect: "manual",
        signal: watch.signal,
        headers: {
          accept,
          "accept-language": "tr",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (fault) {
      watch.outer?.throwIfAborted();
      throw new ServerUnreachableError(
        shown,
        watch.silent ? `${silenceMs / 1000} sn yanıt yok` : reasonOf(fault),
        fault,
      );
    }
    watch.heard();
    if (response.status >= 300 && response.status < 400) throw redirected(response);
    return response;
  }

  async function json(
    path: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
    { alsoOk, method }: { readonly alsoOk?: number; readonly method?: string } = {},
  ) {
    const watch = watchSilence(silenceMs, signal);
    try {
      const response = await send(path, body, watch, "application/json", method);
      if (!response.ok && response.status !== alsoOk) throw await refusalOf(response);
      return { ok: response.ok, body: (await response.json()) as unknown };
    } catch (fault) {
      throw broken(fault, watch);
    } finally {
      watch.end();
    }
  }

  return {
    url: shown,
    getJson: async (path, signal) => (await json(path, undefined, signal)).body,
    postJson: async (path, body, signal) => (await json(path, body, signal)).body,
    deleteJson: async (path, signal) => (await json(path, undefined, signal, { method: "DELETE" })).body,
    getText: async (path, accept, signal) => {
      const watch = watchSilence(silenceMs, signal);
      try {
        const response = await send(path, undefined, watch, accept);
        if (!response.ok) throw await refusalOf(response);
        return await response.text();
      } catch (fault) {
        throw broken(fault, watch);
      } finally {
        watch.end();
      }
    },
    getHealth: (signal) => json("health", undefined, signal, { alsoOk: 503 }),
    async *postStream(path, body, signal) {
      const watch = watchSilence(silenceMs, signal);
      try {
        const response = await send(path, body, watch, "text/event-stream");
        if (!response.ok) throw await refusalOf(response);
        if (response.body === null || !/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) {
          throw new ReplyBrokenError({
            en: "The server did not answer with a stream.",
            tr: "Sunucu akış yerine başka bir yanıt verdi.",
          });
        }
        const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
        for await (const { event = "message", data } of events) {
          watch.heard();
          yield { event, data };
        }
      } catch (fault) {
        throw broken(fault, watch);
      } finally {
        watch.end();
      }
    },
  };
}

interface SilenceWatch {
  readonly signal: AbortSignal;
  readonly outer: AbortSignal | undefined;
  readonly silent: boolean;
  heard(): void;
  end(): void;
}

/** Fires `signal` after `ms` without `heard`, or with `outer`. */
function watchSilence(ms: number, outer: AbortSignal | undefined): SilenceWatch {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), ms);
  return {
    signal: outer === undefined ? silence.signal : AbortSignal.any([outer, silence.signal]),
    outer,
    get silent() {
      return silence.signal.aborted;
    },
    heard: () => {
      timer.refresh();
    },
    end: () => clearTimeout(timer),
  };
}

function broken(fault: unknown, watch: SilenceWatch): unknown {
  if (watch.outer?.aborted === true) return watch.outer.reason;
  if (fault instanceof PlatformError) return fault;
  if (watch.silent)
    return new ReplyBrokenError(
      { en: "The server fell silent.", tr: "Sunucudan yanıt gelmez oldu; istek bırakıldı." },
      fault,
    );
  if (fault instanceof SyntaxError) {
    return new ReplyBrokenError({ en: "The server's answer is not JSON.", tr: "Sunucunun yanıtı JSON değil." }, fault);
  }
  return new ReplyBrokenError(
    { en: "The reply broke off.", tr: "Yanıt yarıda kesildi: sunucuyla bağlantı koptu." },
    fault,
  );
}

function baseOf(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.username !== "" || parsed.password !== "") {
    throw new UsageError(
      "--url must be an http(s) address without user name or password.",
      "--url, kullanıcı adı ve parola içermeyen bir http(s) adresi olmalı.",
    );
  }
  parsed.search = "";
  parsed.hash = "";
  if (!parsed.pathname.endsWith("/")) parsed.pathname += "/";
  return parsed;
}

function reasonOf(fault: unknown): string {
  const cause = (fault as { cause?: { code?: unknown } }).cause;
  return typeof cause?.code === "string" ? cause.code : "bağlantı kurulamadı";
}

function redirected(response: Response): ReplyBrokenError {
  const to = response.headers.get("location") ?? "?";
  return new ReplyBrokenError({
    en: `The server redirects to ${to}; give that address with --url.`,
    tr: `Sunucu ${to} adresine yönlendiriyor; --url ile o adresi verin.`,
  });
}

async function refusalOf(response: Response): Promise<ServerRefusedError> {
  const body: unknown = await response.json().catch(() => undefined);
  const seconds = Number(response.headers.get("retry-after"));
  return refusal(response.status, body, seconds > 0 ? Math.ceil(seconds) : undefined);
}

/** Reads both accents: RFC 9457 `{title, detail, code}` and OpenAI's `{error: {message, code, type}}`. */
export function refusal(status: number, body: unknown, retryAfterS?: number): ServerRefusedError {
  const outer = (body ?? {}) as {
    title?: unknown;
    detail?: unknown;
    code?: unknown;
    status?: unknown;
    error?: unknown;
  };
  const inner = (typeof outer.error === "object" && outer.error !== null ? outer.error : {}) as {
    message?: unknown;
    code?: unknown;
    type?: unknown;
  };
  const text = [inner.message, outer.detail, outer.title].find((value) => typeof value === "string" && value !== "");
  const code = [inner.code, outer.code, inner.type].find((value) => typeof value === "string" && value !== "");
  const known = typeof outer.status === "number" ? outer.status : status;
  return new ServerRefusedError(
    known,
    String(code ?? `http_${known}`),
    String(text ?? "Sunucu isteği reddetti."),
    retryAfterS,
  );
}
