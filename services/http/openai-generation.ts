import {
  checkMessageCount,
  type GroundPrompt,
  type MessageLimits,
  type ResolvedTarget,
  type ResolveModel,
  systemPromptOf,
} from "../conversation/index.ts";
import { parseChatRequest } from "../dialect/index.ts";
import type { ChatMessage, GenerateRequest, SamplingParameters } from "../inference/index.ts";
import type { Sectors } from "../settings/index.ts";
import { checkedConversation, type OpenAiTurn } from "./openai-sessions.ts";
import { openAiSources, type ReplySources } from "./openai-sources.ts";
import { type GatewayChatRequest, givenPassages, utterancesOf } from "./openai-target.ts";

export interface ChatGenerationParts {
  readonly resolveModel: ResolveModel;
  readonly groundPrompt: GroundPrompt;
  readonly sectors: Sectors;
  readonly limits: MessageLimits;
  readonly sampling: SamplingParameters;
}

/** A chat request that keeps the limits. */
export interface CheckedChat {
  readonly body: GatewayChatRequest;
  readonly parsed: ReturnType<typeof parseChatRequest>;
  /** What users said, in NFC, oldest first. */
  readonly utterances: readonly string[];
}

/** @throws {InvalidRequestError} @throws {TooManyMessagesError} @throws {MessageTooLongError} @throws {EmptyMessageError} */
export function checkedChat(body: GatewayChatRequest, limits: MessageLimits): CheckedChat {
  checkMessageCount(body.messages.length, limits);
  const parsed = parseChatRequest(body);
  return { body, parsed, utterances: checkedConversation(utterancesOf(body), body.messages, limits) };
}

/**
 * Who answers it. @param sectors those the caller may use; null: all
 * @throws {UnknownModelError} @throws {UnknownSectorError} @throws {SectorNotAllowedError}
 */
export async function chatTarget(
  { resolveModel }: Pick<ChatGenerationParts, "resolveModel">,
  { body, utterances }: CheckedChat,
  sectors: readonly string[] | null,
  past?: OpenAiTurn,
  signal?: AbortSignal,
): Promise<ResolvedTarget> {
  const conversation = past?.conversation;
  return await resolveModel({
    model: body.model,
    sector: body.sector,
    utterances,
    conversation,
    allowed: sectors ?? undefined,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What the engine is asked, with the sector's instructions and what the documents say, and what the reply says of those. */
export async function chatGeneration(
  parts: ChatGenerationParts,
  { body, parsed, utterances }: CheckedChat,
  target: ResolvedTarget,
  past: OpenAiTurn | undefined,
  signal: AbortSignal,
): Promise<{ readonly generate: GenerateRequest; readonly sources: ReplySources }> {
  const said = "messages" in parsed.prompt ? parsed.prompt.messages : [];
  const given = givenPassages(body);
  const grounding = await parts.groundPrompt(
    {
      message: utterances.at(-1) ?? "",
      previous: utterances.at(-2) ?? past?.conversation?.utterances?.at(-1),
      sector: target.routing.sector,
      systemPrompt: ownSystemPrompt(said) ?? systemPromptOf(parts.sectors, target.routing.sector),
      use: body.use_knowledge === true ? "use" : "ignore",
      given,
    },
    signal,
  );
  const system = past?.systemPrompt(grounding.systemPrompt) ?? grounding.systemPrompt;
  const messages = withSystemPrompt([...(past?.messages ?? []), ...said], system);
  const generate: GenerateRequest = {
    ...parsed,
    prompt: { ...parsed.prompt, messages },
    sampling: { ...parts.sampling, ...parsed.sampling },
    ...(past === undefined ? {} : { overflow: "drop-oldest" }),
    ...(target.adapter === null ? {} : { adapterId: target.adapter.id }),
    ...(grounding.quotes.length === 0 || wantsOtherForm(parsed)
      ? {}
      : { responseFormat: { type: "choice", choices: grounding.quotes } }),
  };
  return { generate, sources: openAiSources(body, grounding.used, given.length + 1) };
}

/** Several choices of one seeded request must differ, and still be repeatable. */
export function withSeed(generate: GenerateRequest, index: number): GenerateRequest {
  const seed = generate.sampling?.seed;
  return index === 0 || seed === undefined
    ? generate
    : { ...generate, sampling: { ...generate.sampling, seed: (seed + index) % 2 ** 32 } };
}

/** A form of its own, tools, or the probabilities of words: what the client asks for goes before quoting. */
function wantsOtherForm({ prompt, responseFormat, topLogprobs }: CheckedChat["parsed"]): boolean {
  const mayCall = "messages" in prompt && prompt.tools !== undefined && prompt.toolChoice !== "none";
  return mayCall || topLogprobs !== undefined || (responseFormat !== undefined && responseFormat.type !== "text");
}

/** A client's own system message stands in the place of the sector's. */
function ownSystemPrompt(messages: readonly ChatMessage[]): string | undefined {
  return messages.find((message) => message.role === "system")?.content;
}

function withSystemPrompt(messages: readonly ChatMessage[], systemPrompt: string): readonly ChatMessage[] {
  const at = messages.findIndex((message) => message.role === "system");
  if (at < 0) return systemPrompt === "" ? messages : [{ role: "system", content: systemPrompt }, ...messages];
  return messages.map((message, i) => (i === at ? { ...message, content: systemPrompt } : message));
}
