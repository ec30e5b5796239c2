import { chatCases, sessionCases } from "./chat-cases.ts";
import { doorCases } from "./door-cases.ts";
import { modelCases, sectorCases } from "./model-cases.ts";
import { feedbackCases, keyCases, lastCases } from "./people-cases.ts";
import type { SmokeTarget } from "./target.ts";
import { voiceCases } from "./voice-cases.ts";
import { workCases } from "./work-cases.ts";
import { type SmokeCase, SmokeWorld, Untried } from "./world.ts";

/** In this order: later ones use what earlier ones left, and the last take it away. */
export const smokeCases: readonly SmokeCase[] = [
  ...keyCases,
  ...chatCases,
  ...modelCases,
  ...voiceCases,
  ...workCases,
  ...doorCases,
  ...feedbackCases,
  ...sessionCases,
  ...sectorCases,
  ...lastCases,
];

export interface SmokeResult {
  readonly endpoint: string;
  /** Untried: this deployment has no such door, or none that can be reached from here. */
  readonly outcome: "ok" | "failed" | "untried";
  readonly ms: number;
  /** What was seen, or what was wrong. */
  readonly detail: string;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Tries every public address with real requests.
 * What the gateway's /openapi.json lists and no case tries counts as failed: nothing can be forgotten.
 */
export async function runSmoke(
  target: SmokeTarget,
  onResult: (result: SmokeResult) => void = () => undefined,
  cases: readonly SmokeCase[] = smokeCases,
): Promise<readonly SmokeResult[]> {
  const world = new SmokeWorld(target);
  const results: SmokeResult[] = [];
  const add = (result: SmokeResult): void => {
    results.push(result);
    onResult(result);
  };
  for (const one of cases) add(await tried(one, world));
  add(
    await tried(
      {
        endpoint: "her adres denendi",
        run: async () => {
          const listed = endpointsOf((await world.json("GET", "/openapi.json", { key: target.apiKey })) as OpenApi);
          const forgotten = listed.filter((endpoint) => !cases.some((one) => one.endpoint === endpoint));
          for (const endpoint of forgotten)
            add({ endpoint, outcome: "failed", ms: 0, detail: "bu adresi deneyen yok" });
          if (forgotten.length > 0) throw new Error(`${forgotten.length} adresi deneyen yok`);
          return `${listed.length} adres`;
        },
      },
      world,
    ),
  );
  return results;
}

/** `GET /v1/models` for each operation of the document. */
export function endpointsOf({ paths }: OpenApi): readonly string[] {
  const methods = ["get", "post", "put", "patch", "delete"];
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => methods.includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
}

async function tried({ endpoint, run }: SmokeCase, world: SmokeWorld): Promise<SmokeResult> {
  const from = performance.now();
  const took = (): number => Math.round(performance.now() - from);
  try {
    const detail = await run(world);
    return { endpoint, outcome: "ok", ms: took(), detail };
  } catch (failure) {
    const detail = failure instanceof Error ? failure.message : String(failure);
    return { endpoint, outcome: failure instanceof Untried ? "untried" : "failed", ms: took(), detail };
  }
}
