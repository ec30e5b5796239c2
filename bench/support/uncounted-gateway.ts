/** The gateway as `npm start` runs it, except that nothing is counted: what the metrics cost is the difference. Says "serve-ready" as it does. */
import { resolve } from "node:path";
import { Disposal } from "../../services/foundation/index.ts";
import { composeGateway } from "../../services/main/compose.ts";
import { openDatabase } from "../../services/main/open/open-database.ts";
import { createGatewayMetrics, createLogger, type GatewayMetrics } from "../../services/observability/index.ts";
import { loadSettings } from "../../services/settings/index.ts";

const settings = loadSettings(resolve("configs"), process.env);
const logger = createLogger("sektor", settings.log.level, 100);
const disposal = new Disposal();
const opening = openDatabase(settings, logger, disposal);
const { app } = await composeGateway({
  settings,
  logger,
  infer: undefined,
  opening,
  disposal,
  metrics: uncounted(createGatewayMetrics()),
});
const url = await app.listen(settings.http);
logger.info({ url }, "serve-ready");
process.once("SIGTERM", () => void disposal.close().then(() => process.exit(0)));

/** The same, with every event falling on deaf ears. */
function uncounted(metrics: GatewayMetrics): GatewayMetrics {
  const deaf = (): void => {};
  return {
    ...metrics,
    requestStarted: deaf,
    requestEnded: deaf,
    routed: deaf,
    turnEnded: deaf,
    rated: deaf,
    limitRefused: deaf,
    knowledgeSearched: deaf,
    requestRows: deaf,
  };
}
