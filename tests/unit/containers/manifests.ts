import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { root } from "./compose-file.ts";

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: eight kinds with shapes of their own, each checked against Kubernetes' schemas before it is read
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
}

export interface Kustomization {
  readonly namespace?: string;
  readonly kind: string;
  readonly resources?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
}

export const folder = `${root}deploy/kubernetes/`;

export function kustomization(place: string): Kustomization {
  return parse(readFileSync(join(folder, place, "kustomization.yaml"), "utf8")) as Kustomization;
}

export function manifests(path: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(join(folder, path), "utf8")).map((document) => document.toJS() as Manifest);
}

export function resourcesOf(place: string): readonly Manifest[] {
  return (kustomization(place).resources ?? [])
    .filter((file) => file.endsWith(".yaml"))
    .flatMap((file) => manifests(join(place, file)));
}

export function filesOf(place: string): readonly string[] {
  return readdirSync(join(folder, place)).filter((file) => file.endsWith(".yaml") && file !== "kustomization.yaml");
}

/** kustomize's own way of putting a patch over a resource, as far as our patches need it: lists of what has names are merged by name. */
export function patched<T>(base: T, patch: unknown): T {
  if (Array.isArray(base) && Array.isArray(patch)) {
    const isNamed = [...base, ...patch].every((one) => typeof one === "object" && one !== null && "name" in one);
    if (!isNamed) return patch as T;
    const names = [...new Set([...patch, ...base].map(({ name }) => name as string))];
    return names.map((name) => {
      const [was, is] = [base, patch].map((list) => list.find((one) => one.name === name));
      return was === undefined ? is : is === undefined ? was : patched(was, is);
    }) as T;
  }
  if (isTree(base) && isTree(patch)) {
    const keys = new Set([...Object.keys(base), ...Object.keys(patch)]);
    return Object.fromEntries(
      [...keys].map((key) => [
        key,
        key in patch ? (key in base ? patched(base[key], patch[key]) : patch[key]) : base[key],
      ]),
    ) as T;
  }
  return patch as T;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
