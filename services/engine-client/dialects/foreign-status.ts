import { type AdapterStatus, adapterIdOf, type EngineStatus, parseAdapterId } from "../../inference/index.ts";

/** What another system tells of its base model; the rest is unknown, and said to be. */
export interface ForeignBase {
  readonly id: string;
  readonly contextSize: number;
  readonly quantization?: string | null;
  readonly parameters?: number | null;
  readonly bytes?: number | null;
  readonly chatTemplate?: boolean;
}

export interface ServedAdapter {
  /** `name@version` */
  readonly id: string;
  /** As the system calls it. */
  readonly servedAs: string;
  readonly file: string | null;
}

/** `finance` → finance@1, `finance@2` stays: in systems that know no versions, a bare name is version 1. */
export function servedAdapter(servedAs: string, path: string | undefined): ServedAdapter {
  const { name, version } = parseAdapterId(servedAs);
  return {
    id: adapterIdOf({ name, version: version ?? "1" }),
    servedAs,
    file: path === undefined ? null : baseName(path),
  };
}

/** A model's public name: what a path ends in, anything else as it is. */
export function publicName(id: string): string {
  return /^(?:[\\/.]|[A-Za-z]:[\\/])/.test(id) ? (baseName(id) ?? id) : id;
}

function baseName(path: string): string | null {
  return (
    path
      .split(/[\\/]/)
      .filter((part) => part !== "")
      .at(-1) ?? null
  );
}

export function foreignStatus(
  base: ForeignBase,
  adapters: readonly ServedAdapter[],
  capacity: { readonly active: number; readonly total: number },
): EngineStatus {
  return {
    ready: true,
    base: {
      id: base.id,
      sha256: null,
      architecture: null,
      quantization: base.quantization ?? null,
      parameters: base.parameters ?? null,
      bytes: base.bytes ?? null,
      contextSize: base.contextSize,
      chatTemplate: base.chatTemplate ?? true,
    },
    adapters: adapters.map(foreignAdapter),
    capacity: { active: capacity.active, queued: 0, total: capacity.total, queueLimit: 0 },
    memory: { residentBytes: 0, contexts: 0, contextBytes: 0 },
  };
}

function foreignAdapter({ id, file }: ServedAdapter): AdapterStatus {
  const { name, version } = parseAdapterId(id);
  return {
    id,
    name,
    version: version ?? "1",
    sector: name,
    file,
    sha256: null,
    bytes: null,
    rank: null,
    alpha: null,
    baseSha256: null,
    resident: true,
    pinned: false,
    references: 0,
    lastUsedAt: null,
    hits: 0,
    loadMs: null,
  };
}
