import type { PanelFile } from "../dashboard-file.ts";

/** Told apart on white and on black; a twelfth series begins again. */
const palette = [
  "#3b82c4",
  "#d9822b",
  "#3f9c35",
  "#c9403e",
  "#8b67c7",
  "#9a6a4f",
  "#d56fb1",
  "#7f8a94",
  "#a3a31f",
  "#25a5b3",
  "#5f7f2f",
];
const named: Readonly<Record<string, string>> = {
  green: "#3f9c35",
  yellow: "#c9a227",
  orange: "#d9822b",
  red: "#c9403e",
  blue: "#3b82c4",
};

export function seriesColor(index: number): string {
  return palette[index % palette.length] ?? "#7f8a94";
}

export function namedColor(name: string): string {
  return named[name] ?? name;
}

/** The thresholds that have a value, lowest first. */
export function thresholdSteps(panel: PanelFile): readonly { readonly value: number; readonly color: string }[] {
  const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? [];
  return steps.flatMap(({ value, color }) => (value === null ? [] : [{ value, color: namedColor(color) }]));
}

/** The colour a value has by the panel's thresholds. */
export function thresholdColor(panel: PanelFile, value: number): string {
  const base = panel.fieldConfig?.defaults.thresholds?.steps.find((step) => step.value === null)?.color ?? "green";
  return thresholdSteps(panel).findLast((step) => value >= step.value)?.color ?? namedColor(base);
}
