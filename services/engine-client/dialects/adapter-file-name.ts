import { adapterIdOf } from "../../inference/index.ts";
import type { ServedAdapter } from "./foreign-status.ts";

/** `…/finance_banking-v2.gguf` → finance_banking@2, as our own engine names the files of its adapter folder; without a version it is 1. */
export function adapterFileName(path: string): ServedAdapter {
  const file = path.split(/[\\/]/).at(-1) ?? path;
  const stem = file.replace(/\.gguf$/, "");
  const match = /^(.+?)[-@]v?(\d[\w.]*)$/.exec(stem);
  return { id: adapterIdOf({ name: match?.[1] ?? stem, version: match?.[2] ?? "1" }), servedAs: stem, file };
}
