import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { SettingsError } from "./errors.ts";
import type { Sectors } from "./load-sectors.ts";
import { readYamlObject } from "./load-settings.ts";

const AdapterFile = Type.Object(
  { stable: Type.Optional(Type.Record(Type.String(), Type.String({ pattern: "^[^@]+@[^@]+$" }))) },
  { additionalProperties: false },
);

/**
 * configs/adapters.yaml: sector → adapter id `name@version` that serves it, where it is not simply the newest version.
 * @throws {SettingsError} naming every fault at once
 */
export function loadStableAdapters(path: string, sectors: Sectors): Readonly<Record<string, string>> {
  const file = readYamlObject(path);
  const faults = Value.Errors(AdapterFile, file).map((fault) => `${path}${fault.instancePath}: ${fault.message}`);
  if (faults.length > 0) throw new SettingsError(faults);
  const { stable = {} } = file as Static<typeof AdapterFile>;
  const unknown = Object.keys(stable).filter((sector) => sectors.byId(sector) === undefined);
  if (unknown.length > 0)
    throw new SettingsError(unknown.map((sector) => `${path}/stable/${sector}: there is no such sector`));
  return stable;
}
