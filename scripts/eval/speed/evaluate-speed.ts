import type { Section } from "../section.ts";
import { type ModelSpeed, measureModelSpeed } from "./model-speed.ts";
import type { RouterSpeed } from "./router-speed.ts";
import { routerSpeedFigures } from "./router-speed-figures.ts";

export async function evaluateSpeed(
  router: () => RouterSpeed,
  models: { readonly folder: string; readonly threads: number },
): Promise<Section> {
  const routing = router();
  return speedSection(routing, await measureModelSpeed(models.folder, models.threads));
}

export function speedSection(routing: RouterSpeed, model: ModelSpeed): Section {
  return {
    part: "speed",
    title: "Speed",
    notes: [
      `Model: loaded in one process with ${model.threads} thread${model.threads === 1 ? "" : "s"}; ready means base loaded and adapters checked, the file cache warm.`,
      `Router: one thread; short messages of ${routing.short.letters} letters on average, long ones of ${routing.long.letters}.`,
      "Figures of a machine that does other work at the same time are too low.",
    ],
    figures: [
      ...routerSpeedFigures(routing),
      { id: "load_s", label: "model ready after", value: model.loadS, unit: "s", goal: { atMost: 2 } },
      { id: "models_mb", label: "size of models/", value: model.megabytes, unit: "mb", goal: { atMost: 90 } },
      {
        id: "tokens_per_second",
        label: "tokens a second, one reply",
        value: model.tokensPerSecond,
        unit: "per-second",
      },
      {
        id: "prompt_per_second",
        label: "prompt tokens read a second",
        value: model.promptPerSecond,
        unit: "per-second",
      },
    ],
    blocks: [],
    data: { routing, model },
  };
}
