import { fileURLToPath } from "node:url";

/** The migrations that belong to the code; `npm run build` has to copy them, since the compiler does not. */
export const ownMigrations = fileURLToPath(new URL("./migrations/", import.meta.url));
