import { readFileSync } from "node:fs";
import { type Copy, DockerfileParser, type Instruction, type JSONInstruction } from "dockerfile-ast";

/** One instruction, with its variables put in where Docker puts them in (not in RUN: there the shell does). */
export interface Step {
  /** RUN, COPY, ENV … */
  readonly keyword: string;
  /** 1 is the first. */
  readonly line: number;
  /** Without flags; a JSON form's strings. */
  readonly words: readonly string[];
  /** Everything after the keyword and its flags, on one line. */
  readonly text: string;
  readonly isJson: boolean;
  /** `--from=program` → ["from", "program"]. */
  readonly flags: readonly (readonly [string, string])[];
}

export interface Stage {
  readonly name: string;
  /** An image, or an earlier stage's name. */
  readonly from: string;
  readonly steps: readonly Step[];
}

/**
 * The stages of a Dockerfile in their order.
 * @param buildArguments instead of the defaults of ARG
 */
export function readDockerfile(
  path: string,
  buildArguments: Readonly<Record<string, string>> = {},
): { readonly stages: readonly Stage[]; readonly directives: readonly string[] } {
  const text = readFileSync(path, "utf8");
  const parsed = DockerfileParser.parse(text);
  const global: Record<string, string> = {};
  const stages: { name: string; from: string; steps: Step[] }[] = [];
  let known: Record<string, string> = {};
  for (const instruction of parsed.getInstructions()) {
    const keyword = instruction.getKeyword();
    const scope = stages.length === 0 ? global : known;
    if (keyword === "ARG") {
      for (const argument of instruction.getArguments()) {
        const [name = "", byDefault] = splitOnce(argument.getValue(), "=");
        const value = buildArguments[name] ?? byDefault ?? global[name];
        if (value !== undefined) scope[name] = unquoted(expand(value, scope));
      }
    }
    if (keyword === "FROM") {
      known = {};
      const [image = "", , name = String(stages.length)] = words(instruction);
      stages.push({ name, from: expand(image, global), steps: [] });
      continue;
    }
    const step = toStep(instruction, keyword === "RUN" ? undefined : known);
    if (keyword === "ENV") {
      for (const word of step.words) {
        const [name = "", value = ""] = splitOnce(word, "=");
        known[name] = value;
      }
    }
    stages.at(-1)?.steps.push(step);
  }
  return { stages, directives: parsed.getDirectives().map((one) => `${one.getName()}=${one.getValue()}`) };
}

/** A stage and those it is built from, in the order they are needed. */
export function neededStages(stages: readonly Stage[], target: string): readonly Stage[] {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const stage = stages.find((one) => one.name === name);
    if (stage === undefined || wanted.has(name)) return;
    wanted.add(name);
    want(stage.from);
    for (const step of stage.steps) for (const [flag, value] of step.flags) if (flag === "from") want(value);
  };
  want(target);
  return stages.filter(({ name }) => wanted.has(name));
}

function toStep(instruction: Instruction, variables: Record<string, string> | undefined): Step {
  const json = (instruction as unknown as Partial<JSONInstruction>).getJSONStrings?.() ?? [];
  const flags = (instruction as unknown as Partial<Copy>).getFlags?.() ?? [];
  const put = (value: string): string => (variables === undefined ? value : expand(value, variables));
  const given =
    json.length > 0 ? json.map((one) => one.getJSONValue()) : words(instruction).map((one) => unquoted(one));
  // HEALTHCHECK CMD ["…"]: the parser leaves the JSON of its command to us.
  const rest = (instruction.getArgumentsContent() ?? "").replaceAll(/\\\r?\n/g, " ");
  return {
    keyword: instruction.getKeyword(),
    line: instruction.getRange().start.line + 1,
    words: given.map(put),
    text: rest.replace(/^(--\S+\s+)+/, "").trim(),
    isJson: json.length > 0,
    flags: flags.map((flag) => [flag.getName(), put(flag.getValue() ?? "")] as const),
  };
}

function words(instruction: Instruction): readonly string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}

function expand(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (_all, braced?: string, bare?: string) => {
    return variables[braced ?? bare ?? ""] ?? "";
  });
}

function unquoted(value: string): string {
  return value.replaceAll(/^"|"$/g, "");
}

function splitOnce(text: string, at: string): readonly [string, string?] {
  const position = text.indexOf(at);
  return position < 0 ? [text] : [text.slice(0, position), text.slice(position + at.length)];
}
