/** One bench in this process: `run-one.ts <name> [options]`. Its table goes to the parent, or to the terminal. */
import { type BenchOptions, parseOptions } from "./support/options.ts";
import { type BenchTable, toMarkdown } from "./table.ts";

const { options, names } = parseOptions(process.argv.slice(2));
const [name = ""] = names;
const module = (await import(`./${name}.bench.ts`)) as Record<string, (options: BenchOptions) => Promise<BenchTable>>;
const exported = `${name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Bench`;
const bench = module[exported];
if (bench === undefined) throw new Error(`bench/${name}.bench.ts exports no ${exported}.`);
const table = await bench(options);
if (process.send === undefined) console.log(toMarkdown(table));
// Whatever is still open (a keep-alive connection) must not hold the run up.
else process.send(table, () => process.exit(0));
