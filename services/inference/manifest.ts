import { existsSync, readFileSync } from "node:fs";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import { PlatformError } from "../foundation/index.ts";

const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });

/** models/manifest.json: what was trained, from what, and how to know that a file is that file. Written by training/. */
export const Manifest = Type.Object({
  schema: Type.Literal(1),
  base: Type.Object({ id: Type.String(), file: Type.String(), sha256, bytes: Type.Integer({ minimum: 1 }) }),
  adapters: Type.Array(
    Type.Object({
      name: Type.String({ minLength: 1 }),
      version: Type.String({ minLength: 1 }),
      sector: Type.String({ minLength: 1 }),
      file: Type.String({ minLength: 1 }),
      sha256,
      bytes: Type.Integer({ minimum: 1 }),
      baseFingerprint: sha256,
    }),
  ),
});
export type Manifest = Static<typeof Manifest>;

export class ManifestError extends PlatformError {
  override readonly name = "ManifestError";
  constructor(path: string, detail: string) {
    super({ code: "invalid_manifest", status: 500, message: `The model manifest ${path} cannot be used: ${detail}` });
  }
}

/** The manifest, or undefined where there is none. @throws {ManifestError} */
export function loadManifest(path: string): Manifest | undefined {
  if (!existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw new ManifestError(path, "it is not JSON");
  }
  const faults = Value.Errors(Manifest, value).map((fault) => `${fault.instancePath}: ${fault.message}`);
  if (faults.length > 0) throw new ManifestError(path, faults.join("; "));
  return value as Manifest;
}
