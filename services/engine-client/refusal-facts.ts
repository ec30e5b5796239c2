import { type JsonObject, numberAt, parseObject, textAt } from "./json.ts";

/** What an engine's refusal says, whichever of the shapes in use it has. */
export interface RefusalFacts {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  /** A word; numbers, which repeat the status, do not count. */
  readonly code: string | undefined;
  readonly param: string | undefined;
  /** From the Retry-After header. */
  readonly retryAfterS: number | undefined;
  readonly promptTokens: number | undefined;
  readonly contextSize: number | undefined;
  /** The body is an error of the engine's own, not of a framework or proxy in front of it. */
  readonly understood: boolean;
}

/** Thrown inside the room only: what it means depends on what was asked for. */
export class RefusedCall extends Error {
  override readonly name = "RefusedCall";
  readonly facts: RefusalFacts;
  constructor(facts: RefusalFacts) {
    super(`The engine answered ${facts.status}.`);
    this.facts = facts;
  }
}

/** OpenAI `{error:{…}}`, SGLang `{object:"error",message,…}`, LoRAX `{error:"…",error_type}`. */
export function readRefusal(status: number, body: JsonObject, retryAfterS: number | undefined): RefusalFacts {
  const flat = textAt(body, "error");
  const nested = "error" in body ? parseObject(body["error"]) : body;
  const error: JsonObject = flat === undefined ? nested : { message: flat, type: body["error_type"] };
  const message = textAt(error, "message") ?? textAt(error, "error_message") ?? "";
  return {
    status,
    message,
    type: textAt(error, "type") ?? "",
    code: textAt(error, "code"),
    param: textAt(error, "param"),
    retryAfterS,
    promptTokens: numberAt(error, "n_prompt_tokens") ?? numberIn(message, promptNumbers),
    contextSize: numberAt(error, "n_ctx") ?? numberIn(message, contextNumbers),
    understood: message !== "",
  };
}

/** The same for an error that comes as an event of a stream that had begun with 200. */
export function readStreamedRefusal(event: JsonObject): RefusalFacts {
  const error = parseObject(event["error"]);
  const type = textAt(error, "type") ?? textAt(event, "error_type") ?? "";
  return readRefusal(numberAt(error, "code") ?? numberAt(event, "code") ?? statusOfType[type] ?? 500, event, undefined);
}

const statusOfType: Readonly<Record<string, number>> = {
  // OpenAI's words, as infer uses them.
  invalid_request_error: 400,
  not_found_error: 404,
  rate_limit_error: 429,
  // LoRAX's.
  validation: 422,
  template_error: 422,
  overloaded: 429,
  generation: 424,
};

/** vLLM "maximum context length is 8192 tokens" · SGLang "context length (8192 tokens)" · LoRAX "less than 1024 tokens", "must be <= 2048". */
const contextNumbers =
  /context length (?:is|of)(?: only)? (\d+)|context length \((\d+)|less than (\d+) tokens|must be <= (\d+)|context size \((\d+)/;
const promptNumbers =
  /messages hold (\d+)|(\d+) input tokens|input \((\d+) tokens|(\d+) tokens from the input|\((\d+) in the (?:messages|prompt)|Given: (\d+)|request \((\d+) tokens/;

function numberIn(message: string, pattern: RegExp): number | undefined {
  const found = pattern
    .exec(message)
    ?.slice(1)
    .find((group) => group !== undefined);
  return found === undefined ? undefined : Number(found);
}
