import type { MetricObjectWithValues, MetricValue, Registry } from "prom-client";

/** How Prometheus wants to have it; the second can say under which trace a value was seen. */
export type ExpositionFormat = "prometheus" | "openmetrics";

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** @param accept the request's header; whoever does not ask for OpenMetrics gets what everybody reads */
export function expositionFormat(accept: string | undefined): ExpositionFormat {
  return /\bapplication\/openmetrics-text\b/.test(accept ?? "") ? "openmetrics" : "prometheus";
}

export async function exposition(registry: Registry, format: ExpositionFormat): Promise<string> {
  if (format === "prometheus") return await registry.metrics();
  // Not prom-client's own: its registry writes one format for good, and renames its counters for the other.
  const metrics = (await registry.getMetricsAsJSON()) as unknown as readonly Family[];
  return `${metrics.map(familyText).join("")}# EOF\n`;
}

/**
 * One exposition of two processes: `second`'s families follow `first`'s of the same name. What both say word for word the same (a sample
 * without a label that tells them apart) is the first's.
 */
export function mergeExpositions(first: string, second: string): string {
  const families = new Map<string, Map<string, string>>();
  for (const text of [first, second]) {
    for (const [name, lines] of familiesOf(text)) {
      const known = families.get(name) ?? new Map<string, string>();
      families.set(name, known);
      for (const line of lines) {
        const key = sampleOf(line);
        if (!known.has(key)) known.set(key, line);
      }
    }
  }
  const end = first.trimEnd().endsWith("# EOF") ? ["# EOF"] : [];
  return `${[...[...families.values()].flatMap((lines) => [...lines.values()]), ...end].join("\n")}\n`;
}

interface Exemplar {
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}
type Sample = MetricValue<string> & { readonly metricName?: string; readonly exemplar?: Exemplar | null };
type Family = Omit<MetricObjectWithValues<Sample>, "type"> & { readonly type: string };

function familyText({ name, help, type, values }: Family): string {
  // A counter's family goes without the ending that its samples have.
  const family = type === "counter" ? name.replace(/_total$/, "") : name;
  const samples = values.map(({ metricName, labels, value, exemplar }) => {
    const sample = metricName ?? (type === "counter" ? `${family}_total` : family);
    const trace = exemplar ? ` # ${labelText(exemplar.labelSet)} ${exemplar.value} ${exemplar.timestamp}` : "";
    return `${sample}${Object.keys(labels).length === 0 ? "" : labelText(labels)} ${valueText(value)}${trace}\n`;
  });
  return `# HELP ${family} ${escaped(help)}\n# TYPE ${family} ${type}\n${samples.join("")}`;
}

function labelText(labels: Readonly<Record<string, string | number | undefined>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(String(value)).replaceAll('"', '\\"')}"`)
    .join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

/** Lines of each family in their order. A family begins with its `# HELP`. */
function familiesOf(text: string): Map<string, string[]> {
  const families = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line === "# EOF") continue;
    const name = /^# HELP (\S+)/.exec(line)?.[1];
    if (name !== undefined) {
      lines = families.get(name) ?? [];
      families.set(name, lines);
    }
    lines.push(line);
  }
  return families;
}

/** What a line is about: a sample without its value, a comment without its text. */
function sampleOf(line: string): string {
  if (line.startsWith("# ")) return line.split(" ", 3).join(" ");
  const labelsEnd = /^[^ {]+\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}/.exec(line)?.[0];
  return labelsEnd ?? line.split(" ", 1)[0] ?? line;
}
