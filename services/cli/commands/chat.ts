import { createInterface } from "node:readline";
import { PlatformError } from "../../foundation/index.ts";
import { type ChatRequest, type ReplyFacts, type ReplySource, streamChat } from "../chat-stream.ts";
import { type AddCommand, type CommandContext, dim, InterruptedError, interruptible } from "../command-context.ts";
import { ServerUnreachableError, UsageError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { integerBetween, numberBetween } from "../option-values.ts";
import { loadSectorNames, type SectorNames, sectorLabel } from "../sector-names.ts";
import type { ServerClient } from "../server-client.ts";
import { decimal, plainText, probability } from "../turkish-format.ts";

interface ChatOptions {
  readonly sector?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
}

interface Conversation {
  readonly server: ServerClient;
  readonly options: ChatOptions;
  readonly names: SectorNames;
  sessionId: string | undefined;
}

/** `sektor chat [mesaj]`: one message, or a conversation from the keyboard or a pipe, one line a message. */
export const addChat: AddCommand = (program, context) => {
  program
    .command("chat")
    .description("sohbet: yanıtı akarken yazar; sektörü, güveni, adaptörü ve hızı gösterir")
    .argument("[mesaj...]", "tek ileti; yazılmazsa sohbet açılır (/yeni: yeni oturum, /cikis: çıkış)")
    .option("--sector <kimlik>", "yönlendirmeden bu sektörü kullan (ör. finance_banking)")
    .option("--max-tokens <n>", "yanıtın en çok belirteç sayısı", integerBetween(1, 1_000_000))
    .option("--temperature <t>", "0 (kararlı) – 2 (değişken)", numberBetween(0, 2))
    .action(async (words: readonly string[], options: ChatOptions) => {
      const message = words.join(" ");
      if (words.length > 0 && message.trim() === "") throw new UsageError("The message is empty.", "İleti boş olamaz.");
      const server = context.server();
      const names = await interruptible(context, (signal) => loadSectorNames(server, signal));
      const conversation: Conversation = { server, options, names, sessionId: undefined };
      if (words.length > 0) await interruptible(context, (signal) => takeTurn(message, conversation, context, signal));
      else await converse(conversation, context);
    });
};

async function takeTurn(
  message: string,
  conversation: Conversation,
  context: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const { sector, maxTokens, temperature } = conversation.options;
  const request: ChatRequest = {
    message,
    ...(conversation.sessionId === undefined ? {} : { session_id: conversation.sessionId }),
    ...(sector === undefined ? {} : { sector }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
  let wrote = false;
  try {
    for await (const event of streamChat(conversation.server, request, signal)) {
      if (event.type === "text") {
        context.stdout.write(plainText(event.text));
        wrote = true;
      } else {
        conversation.sessionId = event.facts.sessionId ?? conversation.sessionId;
        context.stdout.write("\n");
        for (const line of sourceLines(event.facts.sources)) context.stdout.write(`${dim(line, context)}\n`);
        context.stdout.write(`${dim(factsLine(event.facts, conversation.names), context)}\n`);
        wrote = false;
      }
    }
  } finally {
    // A reply that broke off must not share its line with what comes next.
    if (wrote) context.stdout.write("\n");
  }
}

/** What the reply could rest on, by the numbers it cites; what it did not cite was only looked at. */
export function sourceLines(sources: readonly ReplySource[]): readonly string[] {
  return sources.map(({ title, source, cited }, at) =>
    plainText(`${cited ? "kaynak" : "bakılan"} [${at + 1}] ${title}${source === "" ? "" : ` — ${source}`}`),
  );
}

export function factsLine(facts: ReplyFacts, names: SectorNames): string {
  const { adapter, confidence, tokensPerSecond, completionTokens } = facts;
  const parts = [
    `sektör: ${sectorLabel(facts.sector, names)}`,
    ...(confidence === null ? [] : [`güven: ${probability(confidence)}`]),
    `adaptör: ${adapter === null ? "yok (temel model)" : `${adapter.name}@${adapter.version}`}`,
    ...(completionTokens === null ? [] : [`${completionTokens} belirteç`]),
    ...(tokensPerSecond === null ? [] : [`${decimal(tokensPerSecond)} belirteç/sn`]),
  ];
  return plainText(`[${parts.join(" · ")}]`);
}

async function converse(conversation: Conversation, context: CommandContext): Promise<void> {
  const { stdin, stdout, stderr } = context;
  const typing = stdin.isTTY === true;
  const lines = createInterface({
    input: stdin,
    terminal: typing,
    ...(typing ? { output: stdout } : {}),
    prompt: "sen> ",
  });
  let turn: AbortController | undefined;
  // Ctrl-C stops the reply that is running; with none running it ends the conversation.
  const interrupt = () => {
    if (turn === undefined || !typing) context.finish(exitCodes.interrupted);
    if (turn === undefined || !typing) lines.close();
    turn?.abort(new InterruptedError());
  };
  lines.on("SIGINT", interrupt);
  const release = context.onInterrupt(interrupt);
  if (typing)
    stdout.write(
      `${dim(`${conversation.server.url} · /yeni: yeni oturum · /cikis: çıkış · Ctrl-C: yanıtı durdur`, context)}\n`,
    );
  if (typing) lines.prompt();
  try {
    for await (const line of lines) {
      const message = line.trim();
      if (message === "/cikis" || message === "/çıkış") break;
      if (message === "/yeni") {
        conversation.sessionId = undefined;
        stdout.write(`${dim("Yeni oturum.", context)}\n`);
      } else if (message !== "") {
        turn = new AbortController();
        try {
          await takeTurn(message, conversation, context, turn.signal);
        } catch (fault) {
          if (fault instanceof InterruptedError) {
            stderr.write("Durduruldu.\n");
            if (!typing) break;
          } else if (!(fault instanceof PlatformError) || (fault instanceof ServerUnreachableError && !typing)) {
            throw fault;
          } else {
            stderr.write(`Hata: ${plainText(fault.messageTr ?? fault.message)}\n`);
            // At the keyboard the user has seen it and may go on; a script learns it from the exit code.
            if (!typing) context.finish(exitCodes.error);
          }
        } finally {
          turn = undefined;
        }
      }
      if (typing) lines.prompt();
    }
  } finally {
    release();
    lines.close();
    if (typing) stdout.write("\n");
  }
}
