import { readFile } from "node:fs/promises";
import type { Accuracies } from "../../observability/index.ts";

/** What is read of `npm run eval`'s report (docs/eval/report.json). */
interface Report {
  /** Last line: base, its fingerprint's beginning, the adapters' version. */
  readonly machine?: readonly string[];
  readonly parts?: {
    readonly router?: { readonly messages?: { readonly top1?: number } };
    readonly answers?: {
      readonly verdicts?: readonly { readonly sector: string; readonly facts: number; readonly of: number }[];
    };
  };
}

interface ManifestFacts {
  readonly base?: { readonly sha256?: string };
  readonly adapters?: readonly { readonly name: string; readonly version: string; readonly sector: string }[];
}

const nothing: Accuracies = { router: undefined, adapters: [] };

/**
 * What the offline evaluation found: the share of messages that went to the right sector, and for each adapter the share of its answers that
 * stated all their facts. Where the models are not those of the report, only the router's figure stands.
 */
export async function readEvaluation(reportPath: string, manifestPath: string): Promise<Accuracies> {
  const report = await readJson<Report>(reportPath);
  if (report?.parts === undefined) return nothing;
  const { router, answers } = report.parts;
  const adapters = await evaluatedAdapters(report.machine ?? [], manifestPath);
  const verdicts = answers?.verdicts ?? [];
  return {
    router: router?.messages?.top1,
    adapters: adapters.flatMap(({ name, version, sector }) => {
      const own = verdicts.filter((verdict) => verdict.sector === sector);
      const whole = own.filter(({ facts, of }) => facts === of).length;
      return own.length === 0 ? [] : [{ sector, adapter: `${name}@${version}`, share: whole / own.length }];
    }),
  };
}

/** The manifest's adapters, if the report was made with them. */
async function evaluatedAdapters(machine: readonly string[], manifestPath: string) {
  const [, fingerprint, version] =
    machine.map((line) => /sha256 ([0-9a-f]{8,64})….*, version (\S+)$/.exec(line)).find((found) => found !== null) ??
    [];
  const manifest = await readJson<ManifestFacts>(manifestPath);
  if (fingerprint === undefined || manifest?.base?.sha256?.startsWith(fingerprint) !== true) return [];
  return (manifest.adapters ?? []).filter((adapter) => adapter.version === version);
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}
