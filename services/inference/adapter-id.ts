/** Adapter ids are immutable `name@version`: new weights are a new version, so cached keys and values can never be mistaken. */
export interface AdapterName {
  readonly name: string;
  readonly version: string;
}

export function adapterIdOf({ name, version }: AdapterName): string {
  return `${name}@${version}`;
}

/** `finance_banking@2` → both parts; without `@` the version is undefined. */
export function parseAdapterId(id: string): { readonly name: string; readonly version: string | undefined } {
  const at = id.lastIndexOf("@");
  return at <= 0 ? { name: id, version: undefined } : { name: id.slice(0, at), version: id.slice(at + 1) };
}

/** Newest first; numeric parts compare as numbers. */
export function compareVersionsDescending(a: string, b: string): number {
  return b.localeCompare(a, "en", { numeric: true });
}
