import Value from "typebox/value";
import { Settings } from "../../settings/index.ts";
import { addCapacityOptions, type CapacityOptions } from "../capacity/capacity-options.ts";
import { describeCapacity } from "../capacity/describe-capacity.ts";
import { planCapacity } from "../capacity/plan-capacity.ts";
import type { AddCommand } from "../command-context.ts";
import { exitCodes } from "../exit-codes.ts";
import { plainText } from "../turkish-format.ts";

/** `sektor capacity`: memory, places and disk of a model that need not be there yet; exit code 1 when it does not fit. */
export const addCapacity: AddCommand = (program, context) => {
  const { inference, chat, sessions } = Value.Default(Settings, {}) as Settings;
  const command = program
    .command("capacity")
    .description("bir modelin belleği, kaç kişiye yeteceği ve diskte ne tutacağı");
  addCapacityOptions(command, {
    context: inference.contextSize,
    sequences: inference.sequencesPerAdapter,
    adapters: inference.maxResidentAdapters,
    batch: inference.batchTokens,
    replyTokens: chat.maxTokens,
  }).action(async (options: CapacityOptions) => {
    const plan = await planCapacity(options, sessions.ttlS);
    if (plan.memory.residentAdapters === 0) context.finish(exitCodes.error);
    context.stdout.write(
      options.json === true
        ? `${JSON.stringify(plan, null, 2)}\n`
        : plainText(describeCapacity(plan, options.adapters)),
    );
  });
};
