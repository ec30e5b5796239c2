import { randomUUID } from "node:crypto";
import { pause } from "../../../services/foundation/index.ts";
import { type Answer, askHttps } from "../../lib/ask-https.ts";
import type { SmokeTarget } from "./target.ts";

const usualLimitMs = 60_000;

export interface Sent {
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: the smoke test's own key; null: none. */
  readonly key?: string | null;
  /** Another door than the public one, or, for an administrator's key, the operators'. */
  readonly url?: string;
  /** Default 200. */
  readonly status?: number;
  /** Default: a minute. */
  readonly limitMs?: number;
}

/** What one case leaves for later ones, and how all of them ask. */
export class SmokeWorld {
  readonly target: SmokeTarget;
  /** Of this run alone, so that what it leaves can be told and taken away. */
  readonly name = `smoke-${randomUUID().slice(0, 8)}`;
  readonly #kept = new Map<string, unknown>();
  /** A key of this run; until there is one, the administrator's. */
  key: string;

  constructor(target: SmokeTarget) {
    this.target = target;
    this.key = target.apiKey;
  }

  keep<T>(name: string, value: T): T {
    this.#kept.set(name, value);
    return value;
  }

  /** @throws {Error} the case that leaves it did not succeed */
  kept<T = string>(name: string): T {
    if (!this.#kept.has(name)) throw new Error(`önceki bir istek başarısız olduğu için denenemedi (${name})`);
    return this.#kept.get(name) as T;
  }

  /** @throws {Error} the answer has another status */
  async ask(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const { json, key = this.key, headers = {}, status = 200 } = sent;
    const { limitMs = usualLimitMs } = sent;
    const body = json === undefined ? sent.body : JSON.stringify(json);
    const { ca } = this.target;
    const { url, name }: { url: string; name?: string } =
      sent.url === undefined ? doorFor(this.target, key) : { url: sent.url };
    const answer = await askHttps(url, path, {
      method,
      headers: {
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      limitMs,
      ...(body === undefined ? {} : { body }),
      ...(ca === undefined ? {} : { ca }),
      ...(name === undefined ? {} : { name }),
    });
    if (answer.status !== status) {
      throw new Error(`${status} yerine ${answer.status} döndü: ${answer.text.replace(/\s+/g, " ").slice(0, 160)}`);
    }
    return answer;
  }

  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the case looks at.
  async json(method: string, path: string, sent: Sent = {}): Promise<any> {
    return JSON.parse((await this.ask(method, path, sent)).text);
  }

  /** As an administrator. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async admin(method: string, path: string, sent: Sent = {}): Promise<any> {
    return await this.json(method, path, { key: this.target.apiKey, ...sent });
  }

  /** Asks until `isIt`, or half a minute. @throws {Error} it never was */
  async until<T>(ask: () => Promise<T>, isIt: (found: T) => boolean): Promise<T> {
    for (const from = performance.now(); ; await pause(200)) {
      const found = await ask();
      if (isIt(found)) return found;
      if (performance.now() - from > usualLimitMs / 2)
        throw new Error(`bekleneni vermedi: ${JSON.stringify(found).slice(0, 160)}`);
    }
  }
}

function doorFor({ url, operators, apiKey }: SmokeTarget, key: string | null): { url: string; name?: string } {
  return operators !== undefined && key === apiKey ? operators : { url };
}

/** @throws {Error} saying what was expected */
export function expect(isSo: unknown, what: string): asserts isSo {
  if (!isSo) throw new Error(`${what} bekleniyordu`);
}

/** What a case throws that cannot be tried here. */
export class Untried extends Error {}

/** One real request, or several that belong together. */
export interface SmokeCase {
  /** `POST /api/v1/chat` as /openapi.json writes it, or what else is tried. */
  readonly endpoint: string;
  /** @returns what it saw, in a few words @throws what was wrong, or {@link Untried} */
  readonly run: (world: SmokeWorld) => Promise<string>;
}

/** `event: x`, `data: {…}` blocks of a stream. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export function serverSentEvents(text: string): readonly { readonly event: string | undefined; readonly data: any }[] {
  return text
    .split("\n\n")
    .filter((block) => /^data: /m.test(block))
    .map((block) => {
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? "null";
      return { event: /^event: (.*)$/m.exec(block)?.[1], data: data === "[DONE]" ? data : JSON.parse(data) };
    });
}
