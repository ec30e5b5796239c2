import { describeBatches } from "../../conformance/batches.conformance.ts";
import { openEmbeddedGround } from "../../support/queue-ground.ts";

describeBatches("Batches in the embedded database", openEmbeddedGround);
