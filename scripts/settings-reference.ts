/** `npm run docs:settings`: writes the tables of docs/guides/settings.md from the schemas in services/settings. */
import { readFileSync, writeFileSync } from "node:fs";
import { environmentVariables, Settings } from "../services/settings/index.ts";
import { type SettingSchema, settingsOf, withReference } from "./lib/settings-reference.ts";

const path = "docs/guides/settings.md";
const schema = Settings as SettingSchema;
writeFileSync(path, withReference(readFileSync(path, "utf8"), schema, environmentVariables));
console.log(`${path}: ${settingsOf(schema).length} settings`);
