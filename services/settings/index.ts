export { environmentVariables } from "./environment.ts";
export { SettingsError } from "./errors.ts";
export { loadSectors, Sector, type Sectors } from "./load-sectors.ts";
export { loadSettings } from "./load-settings.ts";
export { loadStableAdapters } from "./load-stable-adapters.ts";
export { Settings } from "./schema.ts";
