import { type ResolveModel, SectorNotAllowedError } from "../../conversation/index.ts";
import type { Sectors } from "../../settings/index.ts";

/**
 * The sector a session begins with.
 * @param model `auto`, a sector, `sector@version`, or the base's id
 * @param allowed sectors the key may use; null: all
 * @returns null: the router decides, or the base answers
 * @throws {UnknownModelError} @throws {SectorNotAllowedError}
 */
export async function sectorOfModel(
  model: string,
  allowed: readonly string[] | null,
  { sectors, resolveModel }: { readonly sectors: Sectors; readonly resolveModel: ResolveModel },
): Promise<string | null> {
  if (model === "auto") return null;
  if (sectors.byId(model) !== undefined) {
    // Not asked of resolveModel, which would count a decision before anything was said.
    if (allowed !== null && !allowed.includes(model)) throw new SectorNotAllowedError(model);
    return model;
  }
  const { routing } = await resolveModel({
    model,
    sector: undefined,
    utterances: [],
    conversation: undefined,
    allowed: allowed ?? undefined,
  });
  return routing.sector;
}
