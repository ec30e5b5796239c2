/** What the reference reads of a setting's schema (services/settings/schema.ts says what the words mean). */
export interface SettingSchema {
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly form?: string;
  readonly shownDefault?: string;
  readonly secret?: boolean;
}

/** `http.port` and its schema, in the schema's order, for every setting that is not a section. */
export function settingsOf(schema: SettingSchema, path = ""): readonly (readonly [path: string, SettingSchema])[] {
  if (schema.properties === undefined) return [[path, schema]];
  return Object.entries(schema.properties).flatMap(([name, child]) =>
    settingsOf(child, path === "" ? name : `${path}.${name}`),
  );
}

export const referenceBegins =
  "<!-- What follows is written by `npm run docs:settings` from the schemas in services/settings: change it there. -->";
export const referenceEnds = "<!-- End of what is written. -->";

/**
 * The document with its tables written anew; what stands outside the two marks stays.
 * @param variables environment variable → setting
 * @throws Error the marks are not there, once each and in order
 */
export function withReference(
  document: string,
  schema: SettingSchema,
  variables: Readonly<Record<string, string>>,
): string {
  const [before, rest, ...more] = document.split(referenceBegins);
  const [written, after, ...moreEnds] = (rest ?? "").split(referenceEnds);
  if (written === undefined || after === undefined || more.length + moreEnds.length > 0)
    throw new Error(`It needs "${referenceBegins}" and "${referenceEnds}", once each.`);
  return `${before}${referenceBegins}\n\n${referenceOf(schema, variables)}\n${referenceEnds}${after}`;
}

function referenceOf(schema: SettingSchema, variables: Readonly<Record<string, string>>): string {
  // Where several lead to one setting the last one wins, so it stands first.
  const variablesOf = (path: string) =>
    Object.entries(variables)
      .flatMap(([variable, place]) => (place === path ? [code(variable)] : []))
      .reverse()
      .join(", ");
  return Object.entries(schema.properties ?? {})
    .map(([name, section]) =>
      [
        `## \`${name}\`: ${section.title}`,
        "",
        ...(section.description === undefined ? [] : [section.description, ""]),
        "| setting | variable | default | unit, range | meaning |",
        "|---|---|---|---|---|",
        ...settingsOf(section, name).map(([path, setting]) => rowOf(path, variablesOf(path), setting)),
        "",
      ].join("\n"),
    )
    .join("\n");
}

function rowOf(path: string, variables: string, setting: SettingSchema): string {
  const meaning = `${setting.description ?? ""}${setting.secret === true ? "; a secret" : ""}`;
  const cells = [code(path), variables, defaultOf(setting)];
  return `| ${[...cells, rangeOf(path, setting), meaning].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`.replaceAll(
    "|  |",
    "| |",
  );
}

function defaultOf({ shownDefault, default: value }: SettingSchema): string {
  if (shownDefault !== undefined) return shownDefault;
  const text = Array.isArray(value) ? value.join(",") : String(value);
  return text === "" ? "none" : code(text);
}

/** By the ends of names, as STYLE has them: what a number counts. */
const units: readonly (readonly [ending: RegExp, unit: string])[] = [
  [/Ms$/, "ms"],
  [/[a-z]S$/, "s"],
  [/Hours$/, "hours"],
  [/Days$/, "days"],
  [/Bytes$/, "bytes"],
  [/MiB$/, "MiB"],
  [/Hz$/, "Hz"],
  [/Tokens$/, "tokens"],
  [/Characters$/, "characters"],
];

function rangeOf(path: string, { form, enum: values, type, minimum, maximum, maxLength }: SettingSchema): string {
  if (form !== undefined) return form;
  if (values !== undefined) return values.join(", ");
  if (type === "boolean") return "true, false";
  if (type === "array") return "list";
  if (maxLength !== undefined) return `≤ ${maxLength} characters`;
  if (type !== "integer" && type !== "number") return "";
  const unit = units.find(([ending]) => ending.test(path))?.[1];
  return `${span(minimum, maximum)}${unit === undefined ? "" : ` ${unit}`}`.trim();
}

function span(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) return maximum === undefined ? "" : `≤ ${maximum}`;
  return maximum === undefined ? `≥ ${minimum}` : `${minimum}–${maximum}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
