import { randomUUID } from "node:crypto";
import {
  EngineUnavailableError,
  type FinishReason,
  type GenerateEvent,
  type TokenLogprob,
} from "../inference/index.ts";
import { EngineFailedError } from "./errors.ts";
import { type JsonObject, numberAt, parseList, parseObject, textAt } from "./json.ts";
import type { StopGuard } from "./stop-guard.ts";
import { type Stopwatch, usageOf } from "./stopwatch.ts";

export interface ReplyOptions {
  readonly stopwatch: Stopwatch;
  /** Alternatives per token that were asked for; undefined: no log-probabilities. */
  readonly topLogprobs: number | undefined;
  readonly guard: StopGuard | undefined;
  /** The error that an event with an error in it stands for. */
  readonly fail: (event: JsonObject) => Error;
}

/**
 * The chunks of one choice, chat or raw text → what the `Engine` promise streams.
 * @throws {EngineUnavailableError} the reply broke off before it said how it ended
 */
export async function* readReply(
  events: AsyncIterable<readonly string[]>,
  options: ReplyOptions,
): AsyncGenerator<GenerateEvent, void, void> {
  const reply = new ReplyReader(options);
  for await (const batch of events) {
    try {
      for (const data of batch) reply.take(data);
    } catch (failure) {
      // What was said before it is said.
      yield* reply.told();
      throw failure;
    }
    yield* reply.told();
  }
  reply.end();
  yield* reply.told();
}

type TextDelta = Extract<GenerateEvent, { readonly type: "text-delta" }>;

/**
 * Chunk by chunk, into a list: there is a chunk a token, and a generator for each costs as much as reading it. Pieces of text that came
 * together are told as one, for each event goes through a dozen generators on its way to the caller.
 */
class ReplyReader {
  readonly #options: ReplyOptions;
  readonly #calls = new ToolCallCollector();
  #told: GenerateEvent[] = [];
  #logprobs: TokenLogprob[] = [];
  #reason: FinishReason | undefined;
  #usage: JsonObject | undefined;
  #timings: JsonObject | undefined;
  #pieces = 0;

  constructor(options: ReplyOptions) {
    this.#options = options;
  }

  /** What has come since it was last asked. */
  told(): readonly GenerateEvent[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  take(data: string): void {
    const { stopwatch, guard, topLogprobs, fail } = this.#options;
    const chunk = parseChunk(data);
    if (isFailure(chunk)) throw fail(chunk);
    if (chunk["usage"] != null) this.#usage = parseObject(chunk["usage"]);
    if (chunk["timings"] != null) this.#timings = parseObject(chunk["timings"]);
    const choice = parseObject(parseList(chunk["choices"])[0]);
    const delta = parseObject(choice["delta"]);
    if (topLogprobs !== undefined) this.#logprobs.push(...readLogprobs(choice["logprobs"], topLogprobs));
    const text = textAt(delta, "content") ?? textAt(choice, "text") ?? "";
    const callDeltas = parseList(delta["tool_calls"]);
    if (text !== "" || callDeltas.length > 0) {
      this.#pieces++;
      stopwatch.pieceCame();
    }
    this.#say(guard === undefined ? text : guard.push(text));
    for (const call of callDeltas) this.#told.push(...this.#calls.take(parseObject(call)));
    this.#reason ??= finishReason(textAt(choice, "finish_reason"));
  }

  end(): void {
    const { stopwatch, guard } = this.#options;
    if (this.#reason === undefined) throw new EngineUnavailableError(2);
    this.#say(guard?.end() ?? "");
    this.#told.push(...this.#calls.end());
    const usage = usageOf(this.#usage, this.#timings, this.#pieces);
    this.#told.push({
      type: "end",
      reason: this.#calls.any && this.#reason === "stop" ? "tool_calls" : this.#reason,
      usage,
      timings: stopwatch.timings(this.#timings, usage),
    });
  }

  #say(text: string): void {
    if (text === "") return;
    const logprobs = this.#logprobs;
    this.#logprobs = [];
    const next: TextDelta = { type: "text-delta", text, ...(logprobs.length > 0 ? { logprobs } : {}) };
    const last = this.#told.at(-1);
    if (last?.type === "text-delta") this.#told[this.#told.length - 1] = joined(last, next);
    else this.#told.push(next);
  }
}

function joined(former: TextDelta, next: TextDelta): TextDelta {
  const text = former.text + next.text;
  if (former.logprobs === undefined && next.logprobs === undefined) return { type: "text-delta", text };
  return { type: "text-delta", text, logprobs: [...(former.logprobs ?? []), ...(next.logprobs ?? [])] };
}

/** Tool calls come in pieces: id and name first, the arguments after. One is whole when the next begins or the reply ends. */
class ToolCallCollector {
  #open: { index: number; id: string; name: string; arguments: string } | undefined;
  any = false;

  *take(delta: JsonObject): Generator<GenerateEvent> {
    const index = numberAt(delta, "index") ?? 0;
    if (this.#open !== undefined && this.#open.index !== index) yield* this.end();
    const called = parseObject(delta["function"]);
    this.any = true;
    this.#open ??= { index, id: "", name: "", arguments: "" };
    this.#open.id ||= textAt(delta, "id") ?? "";
    this.#open.name ||= textAt(called, "name") ?? "";
    this.#open.arguments += textAt(called, "arguments") ?? "";
  }

  *end(): Generator<GenerateEvent> {
    const call = this.#open;
    this.#open = undefined;
    if (call === undefined) return;
    const id = call.id === "" ? `call_${randomUUID().replaceAll("-", "")}` : call.id;
    yield {
      type: "tool-call",
      call: { id, name: call.name, arguments: call.arguments === "" ? "{}" : call.arguments },
    };
  }
}

function parseChunk(data: string): JsonObject {
  try {
    return parseObject(JSON.parse(data));
  } catch (cause) {
    throw new EngineFailedError("its reply is not JSON", cause);
  }
}

/** `{error:{…}}`, LoRAX's `{error:"…"}`, SGLang's `{object:"error"}`. */
function isFailure(chunk: JsonObject): boolean {
  return chunk["error"] != null || chunk["object"] === "error";
}

/** LoRAX says `content_filter` when it met a stop string. @throws {EngineFailedError} the engine gave the reply up */
function finishReason(word: string | undefined): FinishReason | undefined {
  if (word === undefined) return undefined;
  if (word === "length") return "length";
  if (word === "tool_calls" || word === "function_call") return "tool_calls";
  if (word === "abort" || word === "error") throw new EngineFailedError("it gave the reply up");
  return "stop";
}

function readLogprobs(value: unknown, top: number): readonly TokenLogprob[] {
  const describe = (entry: unknown) => {
    const object = parseObject(entry);
    const token = textAt(object, "token") ?? "";
    const bytes = parseList(object["bytes"]).filter((byte): byte is number => typeof byte === "number");
    // OpenAI writes −∞ as −9999.
    const logprob = numberAt(object, "logprob") ?? -9999;
    return {
      token,
      bytes: bytes.length > 0 ? bytes : [...Buffer.from(token)],
      logprob: logprob <= -9999 ? Number.NEGATIVE_INFINITY : logprob,
    };
  };
  return parseList(parseObject(value)["content"]).map((entry) => ({
    ...describe(entry),
    top: parseList(parseObject(entry)["top_logprobs"]).slice(0, top).map(describe),
  }));
}
