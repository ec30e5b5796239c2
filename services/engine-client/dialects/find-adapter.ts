import { compareVersionsDescending, parseAdapterId } from "../../inference/index.ts";
import type { ServedAdapter } from "./foreign-status.ts";

/** @param adapterId `name@version`, the name a system serves it by, or a bare name for its newest version */
export function findAdapter(adapters: readonly ServedAdapter[], adapterId: string): ServedAdapter | undefined {
  const exact =
    adapters.find((adapter) => adapter.id === adapterId) ?? adapters.find((adapter) => adapter.servedAs === adapterId);
  if (exact !== undefined) return exact;
  const versionOf = (adapter: ServedAdapter): string => parseAdapterId(adapter.id).version ?? "";
  return adapters
    .filter((adapter) => parseAdapterId(adapter.id).name === adapterId)
    .sort((a, b) => compareVersionsDescending(versionOf(a), versionOf(b)))[0];
}
