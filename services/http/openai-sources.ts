import { tellSource, withCitations } from "../conversation/index.ts";
import type { Passage } from "../retrieval/index.ts";
import type { GatewayChatRequest } from "./openai-target.ts";

/** What a chat completion says of its sources, given the reply as far as it has come. */
export type ReplySources = (reply: string) => { readonly sources?: readonly ReturnType<typeof tellSource>[] };

/** Stock clients get OpenAI's fields alone; who asks for the sector's knowledge gets `sources` too. @param first number of the first passage */
export function openAiSources(body: GatewayChatRequest, used: readonly Passage[], first: number): ReplySources {
  if (body.use_knowledge !== true) return () => ({});
  return (reply) => ({ sources: withCitations(used, reply, first).map(tellSource) });
}
