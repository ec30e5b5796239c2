import { describeServerless } from "../../conformance/serverless.conformance.ts";
import { openEmbeddedGround } from "../../support/queue-ground.ts";

describeServerless("Serverless jobs in the embedded database", openEmbeddedGround);
