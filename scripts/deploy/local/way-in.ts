import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Postgres runs as another user where we are root. @throws {Error} naming a folder on the way to `folder` that it may not enter */
export function requireWayIn(folder: string): void {
  for (let at = resolve(folder), above = dirname(at); ; at = above, above = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0)
      throw new Error(
        `postgres kullanıcısı ${at} klasörüne giremiyor: chmod o+x ${at}, ya da başka bir --folder verin`,
      );
    if (above === at) return;
  }
}
