import { describe, expect, it } from "vitest";
import { queueOptions } from "../../../services/jobs/bullmq/queue-options.ts";
import { contractOf, jobNames } from "../../../services/jobs/index.ts";

describe("how many ended jobs are kept", () => {
  it.each(["serverless-run", "webhook"] as const)(
    "lets a %s be asked for as long as was promised, at a hundred a second",
    (name) => {
      const contract = contractOf(name);
      expect(contract.keepAtMost).toBeGreaterThanOrEqual((100 * contract.retainMs.completed) / 1000);
      // The queue must not take away what the sweep would have kept.
      const { removeOnComplete, removeOnFail } = queueOptions(contract, "a");
      expect([removeOnComplete, removeOnFail]).toEqual([false, false]);
    },
  );

  it("is the queue's own business where a schedule makes them, since only the queue may take those away", () => {
    const { keepAtMost } = contractOf("feedback-report");
    const { removeOnComplete, removeOnFail } = queueOptions(contractOf("feedback-report"), "a");
    expect([removeOnComplete, removeOnFail]).toEqual([{ count: keepAtMost }, { count: keepAtMost }]);
  });

  it("is bounded for every job", () => {
    for (const name of jobNames) expect(contractOf(name).keepAtMost, name).toBeLessThanOrEqual(250_000);
  });
});
