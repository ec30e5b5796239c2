import { once } from "node:events";
import { WebSocket } from "ws";
import { within } from "../../services/foundation/index.ts";
import type { ServerEvent, ServerEventType } from "../../services/voice/events/index.ts";
import { createLoudspeaker, type Loudspeaker } from "./loudspeaker.ts";

/** What the protocol speaks, Hz. */
export const callSampleRate = 24_000;
const frameMs = 20;
const frameSamples = (callSampleRate * frameMs) / 1000;
const silence = new Int16Array(frameSamples);

/** One event by its type; several types may share a shape. */
type EventOf<T extends ServerEventType> = ServerEvent & { readonly type: T };

/** An event of the server and when it came, `performance.now()`. */
export interface Moment<T extends ServerEventType = ServerEventType> {
  readonly atMs: number;
  readonly event: EventOf<T>;
}

/** When something was said: its first and its last sample left the microphone. */
export interface Utterance {
  readonly startMs: number;
  readonly endMs: number;
  readonly samples: Int16Array;
}

export interface CallerOptions {
  /** Of the gateway, `http://…`. */
  readonly url: string;
  readonly key?: string;
  /** Default `auto`. */
  readonly model?: string;
  /** What `session.update` says. */
  readonly session?: Readonly<Record<string, unknown>>;
  /** Longest wait for anything. Default 60 s. */
  readonly patienceMs?: number;
  /** Certificate to trust, PEM. */
  readonly ca?: string;
  /** Default `/v1/realtime` with the model. */
  readonly path?: string;
}

/** Somebody on the line, with a microphone that never stops and a loudspeaker that falls silent when they speak. */
export interface Caller extends AsyncDisposable {
  readonly moments: readonly Moment[];
  readonly said: readonly Utterance[];
  readonly loudspeaker: Loudspeaker;
  /** Speaks in real time. @returns when the last sample has left */
  say(samples: Int16Array): Promise<Utterance>;
  send(event: Readonly<Record<string, unknown>>): void;
  /** The first event of this type from `sinceMs` on, past or to come. @throws Error none came in time, or the line is dead */
  hears<T extends ServerEventType>(
    type: T,
    sinceMs: number,
    where?: (event: EventOf<T>) => boolean,
  ): Promise<Moment<T>>;
}

/** Calls `/v1/realtime` and waits until the session stands. @throws Error it does not */
export async function callRealtime(options: CallerOptions): Promise<Caller> {
  const { url, key, model = "auto", session = {}, patienceMs = 60_000, ca } = options;
  const { path = `/v1/realtime?model=${encodeURIComponent(model)}` } = options;
  const address = new URL(path, url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    perMessageDeflate: false,
    ...(ca === undefined ? {} : { ca }),
  });
  const caller = new LiveCaller(socket, patienceMs);
  await within(patienceMs, once(socket, "open"), () => new Error(`${address.host} does not answer.`));
  await caller.hears("session.created", 0);
  caller.send({ type: "session.update", session: { type: "realtime", ...session } });
  await caller.hears("session.updated", 0);
  caller.openMicrophone();
  return caller;
}

class LiveCaller implements Caller {
  readonly moments: Moment[] = [];
  readonly said: Utterance[] = [];
  readonly loudspeaker = createLoudspeaker(callSampleRate);
  readonly #socket: WebSocket;
  readonly #patienceMs: number;
  readonly #listeners = new Set<() => void>();
  #closed: string | undefined;
  #clock: NodeJS.Timeout | undefined;
  #nextFrameMs = 0;
  #speaking: { samples: Int16Array; at: number; startMs: number; done: (said: Utterance) => void } | undefined;

  constructor(socket: WebSocket, patienceMs: number) {
    this.#socket = socket;
    this.#patienceMs = patienceMs;
    socket.on("message", (data) => this.#receive(JSON.parse(String(data)) as ServerEvent));
    socket.on("error", (fault) => this.#end(fault.message));
    socket.on("close", (code, reason) => this.#end(`closed with ${code} ${String(reason)}`));
  }

  openMicrophone(): void {
    this.#nextFrameMs = performance.now();
    // Several times a frame, so that none leaves late; what is due at once leaves at once.
    this.#clock = setInterval(() => {
      while (performance.now() >= this.#nextFrameMs) {
        this.#nextFrameMs += frameMs;
        this.#sendFrame();
      }
    }, frameMs / 4);
  }

  async say(samples: Int16Array): Promise<Utterance> {
    if (this.#speaking !== undefined) throw new Error("One thing at a time.");
    const said = await new Promise<Utterance>((done) => {
      this.#speaking = { samples, at: 0, startMs: 0, done };
    });
    this.said.push(said);
    return said;
  }

  send(event: Readonly<Record<string, unknown>>): void {
    if (this.#closed === undefined) this.#socket.send(JSON.stringify(event));
  }

  async hears<T extends ServerEventType>(
    type: T,
    sinceMs: number,
    where: (event: EventOf<T>) => boolean = () => true,
  ): Promise<Moment<T>> {
    const isIt = ({ atMs, event }: Moment): boolean =>
      event.type === type && atMs >= sinceMs && where(event as EventOf<T>);
    let listener = (): void => {};
    const found = new Promise<Moment<T>>((resolve, reject) => {
      listener = () => {
        const moment = this.moments.find(isIt);
        if (moment !== undefined) resolve(moment as Moment as Moment<T>);
        else if (this.#closed !== undefined) reject(new Error(`No ${type}: the line is ${this.#closed}.`));
      };
      this.#listeners.add(listener);
      listener();
    });
    try {
      return await within(
        this.#patienceMs,
        found,
        () => new Error(`No ${type} within ${this.#patienceMs} ms. Last: ${this.#lastWords()}`),
      );
    } finally {
      this.#listeners.delete(listener);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#clock);
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close(1000);
    await once(this.#socket, "close", { signal: AbortSignal.timeout(5000) }).catch(() => this.#socket.terminate());
  }

  #sendFrame(): void {
    const speech = this.#speaking;
    const samples = speech === undefined ? silence : framed(speech.samples, speech.at);
    this.send({ type: "input_audio_buffer.append", audio: Buffer.from(samples.buffer).toString("base64") });
    if (speech === undefined) return;
    const nowMs = performance.now();
    if (speech.at === 0) speech.startMs = nowMs;
    speech.at += frameSamples;
    if (speech.at < speech.samples.length) return;
    this.#speaking = undefined;
    speech.done({ startMs: speech.startMs, endMs: nowMs, samples: speech.samples });
  }

  #receive(event: ServerEvent): void {
    const atMs = performance.now();
    this.moments.push({ atMs, event } as Moment);
    if (event.type === "response.output_audio.delta") {
      const bytes = Buffer.from(event.delta, "base64");
      const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      this.loudspeaker.play(event.item_id, samples, atMs);
    }
    if (event.type === "input_audio_buffer.speech_started") {
      for (const { item, heardMs } of this.loudspeaker.flush(atMs)) {
        this.send({ type: "conversation.item.truncate", item_id: item, content_index: 0, audio_end_ms: heardMs });
      }
    }
    for (const listener of [...this.#listeners]) listener();
  }

  #end(why: string): void {
    this.#closed ??= why;
    clearInterval(this.#clock);
    for (const listener of [...this.#listeners]) listener();
  }

  #lastWords(): string {
    return this.moments
      .slice(-8)
      .map(({ event }) => `${event.type}${faultOf(event)}`)
      .join(", ");
  }
}

/** What went wrong, where an event tells it. */
function faultOf(event: ServerEvent): string {
  if (event.type === "error") return ` (${event.error.code})`;
  if (event.type !== "response.done" || event.response.status === "completed") return "";
  return ` (${event.response.status} ${JSON.stringify(event.response.status_details)})`;
}

/** One frame of it; what is missing at its end is silence. */
function framed(samples: Int16Array, at: number): Int16Array {
  const frame = new Int16Array(frameSamples);
  frame.set(samples.subarray(at, at + frameSamples));
  return frame;
}
