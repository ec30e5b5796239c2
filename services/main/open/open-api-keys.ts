import { createDatabaseApiKeyStore } from "../../access/database-api-key-store.ts";
import type { ApiKeys } from "../../access/index.ts";
import { createApiKeys } from "../../access/kept-api-keys.ts";
import type { Disposal } from "../../foundation/index.ts";
import type { ProcessLogger } from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";
import type { Database } from "../../storage/index.ts";

/** The keys of the database and those of the settings. */
export function openApiKeys(
  { access: { keySha256 } }: Pick<Settings, "access">,
  database: Database,
  logger: ProcessLogger,
  disposal: Disposal,
): ApiKeys {
  const store = createDatabaseApiKeyStore(database);
  return disposal.own(createApiKeys({ store, environmentSha256: keySha256, logger }), (opened) =>
    opened[Symbol.asyncDispose](),
  );
}
