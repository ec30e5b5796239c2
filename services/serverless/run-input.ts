import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { TurnRequest } from "../conversation/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";
import type { SamplingParameters } from "../inference/index.ts";

const open = { additionalProperties: true } as const;

export const RunMessage = Type.Object(
  { role: Type.Enum(["system", "user", "assistant"]), content: Type.String() },
  open,
);
export type RunMessage = Static<typeof RunMessage>;

/** What a serverless job is asked: a prompt, and the conversation before it, which the caller keeps. */
export const RunInput = Type.Object(
  {
    prompt: Type.String({ description: "Kullanıcının iletisi. What the user says." }),
    messages: Type.Optional(
      Type.Array(RunMessage, {
        description:
          "Önceki iletiler, eskiden yeniye; ilki `system` ise sektörün yönergesinin yerine geçer. What was said before, oldest first; a `system` message at its head stands in the place of the sector's.",
      }),
    ),
    max_new_tokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
    top_p: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    top_k: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    repetition_penalty: Type.Optional(Type.Number({ minimum: 0.1, maximum: 3 })),
    do_sample: Type.Optional(
      Type.Boolean({ description: "false: en olası belirteç seçilir. The likeliest token is taken." }),
    ),
    sector: Type.Optional(
      Type.String({
        maxLength: 64,
        description: "Sektörü sabitler. Forces the sector; without it the router decides.",
      }),
    ),
  },
  open,
);
export type RunInput = Static<typeof RunInput>;

/** @param value a job's `input`, as it came @throws {InvalidRequestError} naming the first field that does not fit */
export function readRunInput(value: unknown): RunInput {
  if (Value.Check(RunInput, value)) {
    const late = value.messages?.findLastIndex(({ role }) => role === "system") ?? 0;
    if (late <= 0) return value;
    throw invalid(`messages.${late}`, "a system message stands at the head or not at all");
  }
  const [fault] = Value.Errors(RunInput, value);
  const path = (fault?.instancePath ?? "").slice(1).replaceAll("/", ".");
  throw invalid(path === "" ? "input" : path, fault?.message ?? "is not valid");
}

/** The turn that an input asks for; nothing of it is kept in a session. */
export function turnOf(input: RunInput): TurnRequest {
  const [first, ...rest] = input.messages ?? [];
  const said = first?.role === "system" ? rest : (input.messages ?? []);
  return {
    message: input.prompt,
    history: said.map(({ role, content }) => ({ role: role === "assistant" ? "assistant" : "user", content })),
    ...(first?.role === "system" ? { systemPrompt: first.content } : {}),
    ...(input.sector === undefined ? {} : { sector: input.sector }),
    ...(input.max_new_tokens === undefined ? {} : { maxTokens: input.max_new_tokens }),
    sampling: samplingOf(input),
    forget: true,
  };
}

/** `do_sample: false` is greedy, whatever the temperature says, as in the transformers library these names come from. */
function samplingOf({ temperature, top_p, top_k, repetition_penalty, do_sample }: RunInput): SamplingParameters {
  const asked = do_sample === false ? 0 : temperature;
  return {
    ...(asked === undefined ? {} : { temperature: asked }),
    ...(top_p === undefined ? {} : { topP: top_p }),
    ...(top_k === undefined ? {} : { topK: top_k }),
    ...(repetition_penalty === undefined ? {} : { repeatPenalty: repetition_penalty }),
  };
}

function invalid(param: string, detail: string): InvalidRequestError {
  return new InvalidRequestError(`${param}: ${detail}`, {
    param,
    messageTr: `"${param}" alanı geçerli değil: ${detail}`,
  });
}
