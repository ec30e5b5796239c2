import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";

/** What of the tree reaches a build: the file names what is let in, all else stays out. Only the forms our own .dockerignore uses are understood. */
export interface BuildContext {
  readonly allowed: readonly string[];
  /** @param path below the tree's root */
  readonly has: (path: string) => boolean;
}

/** @throws {Error} the file has a form that this does not understand */
export function readBuildContext(file: string, root: string): BuildContext {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (lines[0] !== "*") throw new Error("The first line must leave everything out: *");
  const allowed = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const refused = lines.slice(1).filter((line) => !line.startsWith("!"));
  const strange = refused.find((line) => !/^\*\*\/[^/]+$/.test(line));
  if (strange !== undefined) throw new Error(`Not understood: ${strange}`);
  const patterns = refused.map((line) => {
    const name = line.slice("**/".length).replaceAll(/[.+]/g, "\\$&").replaceAll("*", "[^/]*");
    return new RegExp(`^${name}$`);
  });
  return {
    allowed,
    has: (path) => {
      const place = path.startsWith("/") ? relative(root, path) : path;
      const isIn = allowed.some((one) => place === one || place.startsWith(`${one}/`) || one.startsWith(`${place}/`));
      return isIn && !patterns.some((pattern) => pattern.test(basename(place)));
    },
  };
}
