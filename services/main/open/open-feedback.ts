import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { createDatabaseFeedbackStore } from "../../feedback/database-feedback-store.ts";
import type { FeedbackStore } from "../../feedback/index.ts";
import type { Disposal, Logger } from "../../foundation/index.ts";
import type { GatewayMetrics } from "../../observability/index.ts";
import type { Settings } from "../../settings/index.ts";
import type { Database } from "../../storage/index.ts";
import { countedFeedback } from "../observing/count-feedback.ts";
import { watchAccuracy } from "../observing/watch-accuracy.ts";

/** Where feedback is kept; it is counted, and what follows from it for router and adapters is kept fresh. */
export function openFeedback(
  settings: Pick<Settings, "storage" | "model">,
  database: Database,
  { logger, metrics, disposal }: { logger: Logger; metrics: GatewayMetrics; disposal: Disposal },
): FeedbackStore {
  const examplesFolder = join(settings.storage.folder, "datasets", "routing");
  const store = createDatabaseFeedbackStore(database, { examplesFolder, newId: randomUUID });
  const report = resolve("docs/eval/report.json");
  const manifest = resolve(settings.model.manifest);
  const onAdded = watchAccuracy({ database, metrics, report, manifest, logger }, disposal);
  return countedFeedback(store, { database, metrics, onAdded }, disposal);
}
