import { Presets, SingleBar } from "cli-progress";

/** How far a part is; on standard error, so that standard output stays readable by programs. */
export interface Progress {
  start(name: string, total: number): void;
  step(): void;
  stop(): void;
}

export function createProgress(): Progress {
  let bar: SingleBar | undefined;
  return {
    start: (name, total) => {
      bar = new SingleBar(
        { format: `${name} [{bar}] {value}/{total} | {duration_formatted} | {eta_formatted} left` },
        Presets.rect,
      );
      bar.start(total, 0);
    },
    step: () => bar?.increment(),
    stop: () => bar?.stop(),
  };
}
