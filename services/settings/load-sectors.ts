import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { SettingsError } from "./errors.ts";
import { readYamlObject } from "./load-settings.ts";

const text = Type.String({ minLength: 1 });
export const Sector = Type.Object(
  {
    /** Part of the public contract; snake_case. */
    id: Type.String({ pattern: "^[a-z][a-z0-9_]*$", maxLength: 64 }),
    name: Type.Object({ tr: text, en: text }, { additionalProperties: false }),
    systemPrompt: text,
    /** Below this calibrated probability the router abstains; 0–1. Absent: the router's own threshold. */
    threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  { additionalProperties: false },
);
export type Sector = Static<typeof Sector>;

const SectorFile = Type.Object(
  {
    sectors: Type.Array(Sector, { minItems: 1 }),
    fallback: Type.Object({ systemPrompt: text }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);

export interface Sectors {
  readonly all: readonly Sector[];
  /** The sector with this id, if there is one. */
  byId(id: string): Sector | undefined;
  readonly fallbackSystemPrompt: string;
}

/** @throws {SettingsError} naming every fault of the file at once */
export function loadSectors(path: string): Sectors {
  const file = readYamlObject(path);
  const faults = Value.Errors(SectorFile, file).map((fault) => `${path}${fault.instancePath}: ${fault.message}`);
  if (faults.length > 0) throw new SettingsError(faults);
  const { sectors, fallback } = file as Static<typeof SectorFile>;
  const byId = new Map(sectors.map((sector) => [sector.id, sector]));
  if (byId.size !== sectors.length) throw new SettingsError([`${path}/sectors: every id must be unique`]);
  return { all: sectors, byId: (id) => byId.get(id), fallbackSystemPrompt: fallback.systemPrompt };
}
