import type { Metadata } from "@grpc/grpc-js";

/** The first text under a name; undefined: none. */
export function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}
