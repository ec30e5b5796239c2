import type { FeedbackStore } from "../../feedback/index.ts";
import { contracts } from "../contracts.ts";
import type { JobOutputs } from "../job-outputs.ts";
import type { JobWork } from "../jobs.ts";

const minRating = 4;

/** Writes the training pairs as JSON lines, to be fetched with the job's output. */
export function feedbackExportWork(
  feedback: Pick<FeedbackStore, "trainingPairs">,
  outputs: JobOutputs,
): JobWork<"feedback-export"> {
  return {
    run: async (filter, { id, signal }) => {
      let pairs = 0;
      async function* lines(): AsyncGenerator<string> {
        for await (const pair of feedback.trainingPairs({ minRating, ...filter })) {
          pairs += 1;
          yield `${JSON.stringify(pair)}\n`;
        }
      }
      const bytes = await outputs.write(id, lines(), contracts["feedback-export"].retainMs.completed, signal);
      return { pairs, bytes };
    },
  };
}
