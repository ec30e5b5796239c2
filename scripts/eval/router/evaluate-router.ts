import { existsSync } from "node:fs";
import type { Router } from "../../../services/routing/index.ts";
import type { Sectors } from "../../../services/settings/index.ts";
import { measureBenchmark } from "../../lib/router-benchmark.ts";
import type { Progress } from "../progress.ts";
import type { Section } from "../section.ts";
import type { RouterSpeed } from "../speed/router-speed.ts";
import { conversationFigures, judgeConversation } from "./conversations.ts";
import { createLiveRouter } from "./live-router.ts";
import { messageFigures } from "./message-figures.ts";
import type { RouterConversation, RouterMessage } from "./router-lines.ts";
import { routerSection } from "./router-section.ts";

export interface RouterInput {
  /** How the report names the messages. */
  readonly source: string;
  readonly messages: readonly RouterMessage[];
  readonly conversations: readonly RouterConversation[];
  /** Questions others labelled; measured when the file is there. */
  readonly benchmark: string | undefined;
}

/** Routes every message as live traffic would and says how well that went. */
export function evaluateRouter(
  input: RouterInput,
  parts: { readonly router: Router; readonly sectors: Sectors; readonly speed: () => RouterSpeed },
  progress: Progress,
): Section {
  const live = createLiveRouter(parts.router, parts.sectors);
  progress.start("router", input.messages.length + input.conversations.length);
  const answered = input.messages.map((message) => {
    progress.step();
    return { message, decision: live(message.text) };
  });
  const turns = input.conversations.map((conversation) => {
    progress.step();
    return judgeConversation(live, conversation);
  });
  progress.stop();
  const { benchmark } = input;
  return routerSection({
    source: input.source,
    messages: messageFigures(answered, parts.router.sectors),
    conversations: turns.length === 0 ? undefined : conversationFigures(turns),
    benchmark: benchmark !== undefined && existsSync(benchmark) ? measureBenchmark(parts.router, benchmark) : undefined,
    speed: parts.speed(),
  });
}
