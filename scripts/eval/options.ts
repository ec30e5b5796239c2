import { Command, InvalidArgumentError } from "commander";
import { type PartName, partNames } from "./section.ts";

export interface EvalOptions {
  readonly parts: readonly PartName[];
  /** Files of messages; undefined: the house's untouched test. */
  readonly router: readonly string[] | undefined;
  readonly conversations: string | undefined;
  readonly benchmark: string;
  readonly answers: string | undefined;
  readonly knowledge: string;
  readonly transcripts: string | undefined;
  readonly url: string | undefined;
  readonly perplexity: string;
  readonly models: string;
  readonly sectors: string;
  readonly threads: number | undefined;
  readonly limit: number | undefined;
  readonly out: string;
  readonly gate: boolean;
}

/** Where the house's own, whole report stands; anything narrower goes to the other folder, unless --out says where. */
const publishedFolder = "docs/eval";
const trialFolder = ".sektor/eval";

/** @param args as in process.argv; ends the process with status 1 on an unknown option, with 0 on --help */
export function parseEvalOptions(args: readonly string[]): EvalOptions {
  const command = new Command("npm run eval --")
    .description("Measure router, answers, perplexity and speed beside what was promised.")
    .option("--only <parts>", `comma-separated: ${partNames.join(",")}`, readParts, partNames)
    .option("--router <files...>", 'your own messages: lines {"text","sector","kind"}, sector may be out_of_scope')
    .option("--conversations <file>", 'your own conversations: lines {"id","turns":[{"text","sector"}]}')
    .option("--benchmark <file>", "questions others labelled", "../shared/data/benchmarks/tbmm_questions.jsonl")
    .option("--answers <path>", 'your own questions: lines {"id","sector","question","must_mention","must_not"}')
    .option("--knowledge <folder>", "documents to answer from; also tell which source is right", "datasets/knowledge")
    .option("--transcripts <file>", "also write every question with its answers")
    .option("--url <url>", "ask a running server; its key, if any, in SEKTOR_API_KEY")
    .option("--perplexity <file>", "what training measured", "docs/eval/perplexity-matrix.json")
    .option("--models <folder>", "models", "models")
    .option("--sectors <file>", "the sectors", "configs/sectors.yaml")
    .option("--threads <number>", "threads of the engine", readCount)
    .option("--limit <number>", "at most so many lines of each input, for a quick try", readCount)
    .option("--out <folder>", `where the report goes (${publishedFolder}; ${trialFolder} when narrowed or on own data)`)
    .option("--gate", "exit with status 1 when a goal is missed", false);
  const options = command.parse([...args]).opts<Omit<EvalOptions, "parts" | "out"> & RawOptions>();
  const { router, conversations, answers, url, limit, only } = options;
  const narrowed =
    [router, conversations, answers, url, limit].some((one) => one !== undefined) || only.length < partNames.length;
  return { ...options, parts: only, out: options.out ?? (narrowed ? trialFolder : publishedFolder) };
}

interface RawOptions {
  readonly only: readonly PartName[];
  readonly out?: string;
}

function readParts(text: string): readonly PartName[] {
  const asked = text.split(",").map((name) => name.trim());
  for (const name of asked)
    if (!(partNames as readonly string[]).includes(name))
      throw new InvalidArgumentError(`"${name}" is none of ${partNames.join(", ")}.`);
  return partNames.filter((name) => asked.includes(name));
}

function readCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return value;
}
