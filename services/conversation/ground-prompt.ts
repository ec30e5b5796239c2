import type { Knowledge, Passage } from "../retrieval/index.ts";
import type { AdapterDirectory } from "./adapter-directory.ts";
import { isCourtesy } from "./courtesy.ts";
import { fitPassages } from "./fit-passages.ts";
import { knowledgePrompt, type PromptPassage } from "./knowledge-prompt.ts";
import type { Quoting } from "./quoting.ts";
import type { KnowledgeUse } from "./turn.ts";

export interface GroundingQuestion {
  readonly message: string;
  /** What the user said before in the same conversation; a follow-up may not say by itself what it is about. */
  readonly previous: string | undefined;
  /** Null: none is known; where the answer may rest on documents only, those of all sectors are searched. */
  readonly sector: string | null;
  readonly systemPrompt: string;
  readonly use: KnowledgeUse;
  /** Passages the caller brought along: they stand first and stay whole. */
  readonly given?: readonly PromptPassage[];
  /** Sectors whose documents the caller may see; undefined: all. */
  readonly allowed?: readonly string[] | undefined;
  /** Most passages to find; default: as many as may join the prompt. */
  readonly limit?: number;
}

export interface Grounding {
  readonly systemPrompt: string;
  /** Best first; empty where not even the best is close enough. */
  readonly found: readonly Passage[];
  /** The first of `found`: those that stand in the prompt. The last one may be cut. */
  readonly used: readonly Passage[];
  /** Texts the reply must be one of; none: the model words it freely. */
  readonly quotes: readonly string[];
}

/** A turn's step between sector and reply: what the documents say joins the system message. */
export type GroundPrompt = (question: GroundingQuestion, signal: AbortSignal) => Promise<Grounding>;

export interface GroundPromptParts {
  readonly knowledge: Knowledge;
  readonly adapters: Pick<AdapterDirectory, "status">;
  /** Most passages that join one prompt. */
  readonly passages: number;
  /** 0–1; where the best passage is below it, none is used. */
  readonly minScore: number;
  readonly onSearched: (facts: { readonly sector: string | null; readonly found: boolean }) => void;
  /** Absent: no reply is quoted. */
  readonly quoting?: Quoting;
}

/**
 * The passages after the best need this share of its score: beside a clear find the others only distract, among weak ones the second is
 * as likely right as the first (docs/eval/knowledge.md).
 */
const companionShare = 0.5;

export function createGroundPrompt(parts: GroundPromptParts): GroundPrompt {
  const search = async (query: string, question: GroundingQuestion, signal: AbortSignal) => {
    const limit = question.limit ?? parts.passages;
    const within = question.sector === null ? (question.allowed ?? [null]) : [question.sector];
    const each = await Promise.all(within.map((sector) => parts.knowledge.search(query, { sector, limit }, signal)));
    const passages = each.length === 1 ? (each[0] ?? []) : bestOf(each.flat(), limit);
    return (passages[0]?.score ?? 0) < parts.minScore ? [] : passages;
  };
  /** By itself first: with the earlier utterance beside it, a new question would find the old one's documents. */
  const find = async (question: GroundingQuestion, signal: AbortSignal) => {
    const { message, previous } = question;
    if (isCourtesy(message)) return { query: message, found: [] };
    const found = await search(message, question, signal);
    if (found.length > 0 || previous === undefined) return { query: message, found };
    const query = `${previous}\n${message}`;
    return { query, found: await search(query, question, signal) };
  };
  const { quoting = async () => [] } = parts;

  return async (question, signal) => {
    const { message, systemPrompt, given = [], sector, use } = question;
    const withoutFinds = async (): Promise<Grounding> => ({
      systemPrompt: knowledgePrompt(systemPrompt, given),
      found: [],
      used: [],
      quotes: await quoting(message, given),
    });
    const wanted = use === "only" || (use === "use" && sector !== null);
    if (!wanted || (question.limit ?? parts.passages) === 0) return await withoutFinds();
    const { query, found } = await find(question, signal);
    parts.onSearched({ sector, found: found.length > 0 });
    if (found.length === 0) return await withoutFinds();
    const { contextSize } = (await parts.adapters.status()).base;
    const used = fitPassages(systemPrompt, worthShowing(found, parts.passages), contextSize, given);
    return {
      systemPrompt: knowledgePrompt(systemPrompt, [...given, ...used]),
      found,
      used,
      // What is quoted is quoted whole, though the prompt may hold a passage cut short.
      quotes: await quoting(query, [...given, ...found.slice(0, used.length)]),
    };
  };
}

/** Several collections' finds as one, in the order that `Knowledge` promises. */
function bestOf(passages: readonly Passage[], limit: number): readonly Passage[] {
  const byDocument = (a: Passage, b: Passage): number =>
    a.document < b.document ? -1 : a.document > b.document ? 1 : 0;
  return passages.toSorted((a, b) => b.score - a.score || byDocument(a, b)).slice(0, limit);
}

function worthShowing(found: readonly Passage[], most: number): readonly Passage[] {
  const least = (found[0]?.score ?? 0) * companionShare;
  return found.slice(0, most).filter(({ score }) => score >= least);
}
