import { randomBytes } from "node:crypto";

const beginning = "sk-sektor-";
/** `sk-sektor-<12 hex digits, public>-<32 random bytes, base64url>` */
const shape = /^sk-sektor-([0-9a-f]{12})-[A-Za-z0-9_-]{43}$/;

export interface KeyText {
  readonly text: string;
  readonly prefix: string;
}

/** A new key: 256 random bits nobody can guess, behind 48 others by which it is found. */
export function mintKey(): KeyText {
  const prefix = randomBytes(6).toString("hex");
  return { prefix, text: `${beginning}${prefix}-${randomBytes(32).toString("base64url")}` };
}

/** The public part of a key; undefined: this is none of ours. */
export function prefixOf(text: string): string | undefined {
  return shape.exec(text)?.[1];
}
