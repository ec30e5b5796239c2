import { describeWebhooks } from "../../conformance/webhooks.conformance.ts";
import { openEmbeddedGround } from "../../support/queue-ground.ts";

describeWebhooks("Webhooks out of the embedded database", openEmbeddedGround);
