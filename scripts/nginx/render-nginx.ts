import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fillTemplate } from "./fill-template.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { type GatewaySettings, templateValues } from "./template-values.ts";

const templates = fileURLToPath(new URL("../../nginx", import.meta.url));

/**
 * nginx.conf and its snippets, by their paths below the folder they belong into.
 * @throws {Error} a template names what has no value, or a value stands in no template
 */
export function renderNginx(proxy: ProxySettings, gateway: GatewaySettings): ReadonlyMap<string, string> {
  const values = templateValues(proxy, gateway);
  const used = new Set<string>();
  const files = readdirSync(templates, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".conf"))
    .sort();
  const filled = new Map(
    files.map((file) => {
      const template = readFileSync(join(templates, file), "utf8");
      return [file, fillTemplate(template, values, (name) => used.add(name))] as const;
    }),
  );
  const idle = Object.keys(values).filter((name) => !used.has(name));
  if (idle.length > 0) throw new Error(`No template has a place for ${idle.join(", ")}.`);
  return filled;
}

export function writeNginx(files: ReadonlyMap<string, string>, folder: string): void {
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}
