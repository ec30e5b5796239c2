import type { Router, RoutingConversation } from "../routing/index.ts";
import type { Sectors } from "../settings/index.ts";
import type { AdapterDirectory } from "./adapter-directory.ts";
import { chooseSector } from "./choose-sector.ts";
import { SectorNotAllowedError, UnknownModelError } from "./errors.ts";
import { routedUtterances } from "./routed-history.ts";
import type { ChosenAdapter, TurnRouting } from "./turn.ts";

/** What an OpenAI request's `model` and `sector` come down to. */
export interface ResolvedTarget {
  readonly routing: TurnRouting;
  readonly adapter: ChosenAdapter | null;
  /** The id the reply names: base id, or `sector@version`. */
  readonly modelId: string;
}

export interface TargetQuestion {
  /** `auto`, a sector id, `sector@version`, the base's id; undefined = auto. */
  readonly model: string | undefined;
  readonly sector: string | undefined;
  /** What users said in this conversation, oldest first; the last one is routed, the others tell where it was. */
  readonly utterances: readonly string[];
  /** Of a stored session, when the request names one. */
  readonly conversation: RoutingConversation | undefined;
  /** Sectors the caller may use; undefined: all. */
  readonly allowed?: readonly string[] | undefined;
  /** The request's: it carries its trace. */
  readonly signal?: AbortSignal;
}

export type ResolveModel = (question: TargetQuestion) => Promise<ResolvedTarget>;

const none: Omit<TurnRouting, "sector"> = { confidence: 1, routedBy: "request", alternatives: [], ms: 0 };

/** @throws {UnknownModelError} @throws {UnknownSectorError} @throws {SectorNotAllowedError} */
export function createResolveModel(parts: {
  readonly router: Router;
  readonly sectors: Sectors;
  readonly adapters: AdapterDirectory;
  readonly nowMs: () => number;
  readonly onRouted: (routing: TurnRouting, signal: AbortSignal | undefined) => void;
}): ResolveModel {
  const { router, sectors, adapters, nowMs } = parts;

  const bySector = async (forced: string | undefined, question: TargetQuestion): Promise<ResolvedTarget> => {
    const message = question.utterances.at(-1) ?? "";
    const conversation = question.conversation ?? routedUtterances(router, question.utterances.slice(0, -1));
    const routing = chooseSector(router, sectors, { message, forced, conversation, allowed: question.allowed }, nowMs);
    parts.onRouted(routing, question.signal);
    const adapter = routing.sector === null ? null : await adapters.forSector(routing.sector);
    return { routing, adapter, modelId: adapter?.id ?? (await adapters.status()).base.id };
  };

  return async (question) => {
    const { model, sector } = question;
    if (sector !== undefined) return await bySector(sector, question);
    if (model === undefined || model === "" || model === "auto") return await bySector(undefined, question);
    if (sectors.byId(model) !== undefined) return await bySector(model, question);
    const adapter = await adapters.byId(model);
    if (adapter !== undefined) {
      const { sector: own, ...chosen } = adapter;
      if (question.allowed !== undefined && (own === null || !question.allowed.includes(own)))
        throw new SectorNotAllowedError(own);
      return { routing: { ...none, sector: own }, adapter: chosen, modelId: adapter.id };
    }
    const { base } = await adapters.status();
    if (model !== base.id) throw new UnknownModelError(model);
    return { routing: { ...none, sector: null }, adapter: null, modelId: base.id };
  };
}
