import { Agent, type Dispatcher } from "undici";
import { PlatformError } from "../../../foundation/index.ts";
import { SpeechQueueFullError, SynthesizerUnavailableError } from "../../errors.ts";
import type { Synthesizer, Utterance } from "../../synthesizer.ts";
import { openAiVoices } from "../voice-table.ts";
import { withVolume } from "../volume.ts";
import { speechRefusal } from "./speech-refusal.ts";
import { wholeSamples } from "./whole-samples.ts";

export interface HttpSynthesizerOptions {
  /** Base URL, with or without `/v1`. */
  readonly url: string;
  /** Bearer token; "": none. */
  readonly token: string;
  /** The model's name there. */
  readonly model: string;
  /** Where the utterance names none; "": `alloy`. */
  readonly voice: string;
  /** Utterances that may wait for a connection. */
  readonly queueLimit: number;
  /** Longest wait for the first samples, and between any two pieces. */
  readonly timeoutMs: number;
}

const connectTimeoutMs = 3_000;
const connections = 32;
/** Below the 5 s after which common servers hang up, so that no request is sent into a closing socket. */
const keepAliveMs = 4_000;
/** OpenAI's `pcm`: 24 kHz, 16 bits, little-endian, mono, no header. */
const sampleRate = 24_000;
/** An hour of speech: a server that never ends is stopped. */
const maxBytes = 3600 * sampleRate * 2;
const errorBodyBytes = 16_384;

/**
 * Any server with OpenAI's `/v1/audio/speech`, read as it comes. It knows no pitch; loudness is ours.
 * Any voice name goes through: only the server knows which it has.
 */
export class HttpSynthesizer implements Synthesizer {
  readonly name = "http";
  readonly sampleRate = sampleRate;
  readonly voices: readonly string[];
  readonly #options: HttpSynthesizerOptions;
  readonly #agent: Agent;
  readonly #base: URL;
  #open = 0;

  constructor(options: HttpSynthesizerOptions) {
    const { url, voice, timeoutMs } = options;
    this.#options = options;
    this.voices = [...new Set([...(voice === "" ? [] : [voice]), ...openAiVoices])];
    this.#base = new URL(`${url.replace(/\/+$/, "").replace(/\/v1$/, "")}/v1/`);
    this.#agent = new Agent({
      connections,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: { timeout: Math.min(connectTimeoutMs, timeoutMs) },
    });
  }

  /** Asks for the list of models: whoever answers anything but a failure of its own or a refusal of the token is there. */
  async ready(signal?: AbortSignal): Promise<void> {
    try {
      const { statusCode, body } = await this.#send("GET", "models", undefined, signal);
      body.on("error", () => {}).destroy();
      if (statusCode === 401 || statusCode === 403 || statusCode >= 500)
        throw speechRefusal(statusCode, "", this.voices);
    } catch (failure) {
      throw named(failure, signal);
    }
  }

  async *synthesize(utterance: Utterance, signal: AbortSignal): AsyncGenerator<Int16Array, void, void> {
    signal.throwIfAborted();
    if (utterance.text.trim() === "") return;
    if (this.#open >= connections + this.#options.queueLimit) throw new SpeechQueueFullError();
    this.#open++;
    let body: Dispatcher.ResponseData["body"] | undefined;
    try {
      const response = await this.#send("POST", "audio/speech", this.#request(utterance), signal);
      body = response.body;
      if (response.statusCode !== 200) throw speechRefusal(response.statusCode, await beginningOf(body), this.voices);
      for await (const samples of wholeSamples(checked(body))) {
        signal.throwIfAborted();
        yield withVolume(samples, utterance.volume ?? 1);
      }
    } catch (failure) {
      throw named(failure, signal);
    } finally {
      this.#open--;
      body?.on("error", () => {}).destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  #request({ text, voice, speed = 1 }: Utterance): object {
    return {
      model: this.#options.model,
      input: text,
      voice: voice ?? this.voices[0],
      response_format: "pcm",
      ...(speed === 1 ? {} : { speed }),
    };
  }

  async #send(
    method: "GET" | "POST",
    path: string,
    body: object | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Dispatcher.ResponseData> {
    const { token } = this.#options;
    const address = new URL(path, this.#base);
    return this.#agent.request({
      origin: address.origin,
      path: address.pathname,
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

/** @throws {Error} it is too long, or begins as a file that is no bare samples */
async function* checked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const piece of body) {
    if (bytes === 0 && /^(RIFF|ID3|OggS|fLaC|\{)/.test(Buffer.from(piece.subarray(0, 4)).toString("latin1")))
      throw new Error("The speech server does not give bare samples.");
    bytes += piece.length;
    if (bytes > maxBytes) throw new Error("The speech server does not come to an end.");
    yield piece;
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of body) {
    text += Buffer.from(piece).toString();
    if (text.length > errorBodyBytes) break;
  }
  return text;
}

/** What the caller is told: its own signal's reason, what has a name already, or that speech cannot be had. */
function named(failure: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  return failure instanceof PlatformError ? failure : new SynthesizerUnavailableError(failure);
}
