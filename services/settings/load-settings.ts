import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Value from "typebox/value";
import { parse as parseYaml, YAMLParseError } from "yaml";
import { environmentVariables, parseVariable } from "./environment.ts";
import { SettingsError } from "./errors.ts";
import { Settings } from "./schema.ts";

type Tree = Record<string, unknown>;

/**
 * Defaults of the schema ← `configs/default.yaml` ← environment.
 * @param configFolder holds default.yaml; a missing file means defaults
 * @param environment usually process.env; only the variables of environment.ts are looked at
 * @throws {SettingsError} naming every fault at once
 */
export function loadSettings(
  configFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const tree = readYamlObject(join(configFolder, "default.yaml"));
  for (const [variable, path] of Object.entries(environmentVariables)) {
    const raw = environment[variable];
    if (raw !== undefined && raw !== "") setAt(tree, path.split("."), parseVariable(path, raw));
  }
  const settings = Value.Default(Settings, tree);
  const faults = Value.Errors(Settings, settings).map((fault) => {
    const path = fault.instancePath.slice(1).replaceAll("/", ".");
    const variable = Object.entries(environmentVariables).find(([, place]) => place === path)?.[0];
    return `/${path.replaceAll(".", "/")}: ${fault.message}${variable === undefined ? "" : ` (environment: ${variable})`}`;
  });
  const { storage } = settings as Partial<Settings>;
  if (storage?.backend === "postgres" && storage.postgres?.url === "")
    faults.push(
      "/storage/postgres/url: must name the server, for storage.backend postgres (environment: SEKTOR_POSTGRES_URL)",
    );
  if (faults.length > 0) throw new SettingsError(faults);
  return settings as Settings;
}

/** @throws {SettingsError} unreadable YAML, or YAML that is not a mapping */
export function readYamlObject(path: string): Tree {
  if (!existsSync(path)) return {};
  try {
    const value: unknown = parseYaml(readFileSync(path, "utf8")) ?? {};
    if (typeof value === "object" && !Array.isArray(value)) return value as Tree;
    throw new SettingsError([`${path}: must be a mapping`]);
  } catch (fault) {
    if (fault instanceof YAMLParseError) throw new SettingsError([`${path}: ${fault.message}`]);
    throw fault;
  }
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const branch = tree[head];
  const next: Tree = typeof branch === "object" && branch !== null && !Array.isArray(branch) ? (branch as Tree) : {};
  tree[head] = next;
  setAt(next, rest, value);
}
