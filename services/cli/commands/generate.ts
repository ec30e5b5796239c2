import { brokenOff, parse } from "../chat-stream.ts";
import { type AddCommand, dim, interruptible } from "../command-context.ts";
import { integerBetween, numberBetween } from "../option-values.ts";
import { readText } from "../read-text.ts";
import { refusal } from "../server-client.ts";
import { decimal, plainText } from "../turkish-format.ts";

interface GenerateOptions {
  readonly model: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
}

/** `sektor generate PROMPT`: the text alone on stdout, the numbers on stderr, so that the text can be piped on. */
export const addGenerate: AddCommand = (program, context) => {
  program
    .command("generate")
    .description("tek istek, oturumsuz (OpenAI uyumlu uç); yalnız metni yazar")
    .argument("[istem...]", "istem; - ya da boş bırakılırsa standart girdiden okunur")
    .option("--model <kimlik>", "auto, bir sektör, sektör@sürüm ya da temel model", "auto")
    .option("--max-tokens <n>", "yanıtın en çok belirteç sayısı", integerBetween(1, 1_000_000))
    .option("--temperature <t>", "0 (kararlı) – 2 (değişken)", numberBetween(0, 2))
    .option("--seed <n>", "aynı tohum aynı metni verir", integerBetween(0, 4_294_967_295))
    .action(async (words: readonly string[], { model, maxTokens, temperature, seed }: GenerateOptions) => {
      const content = await readText(words, context);
      const body = {
        model,
        messages: [{ role: "user", content }],
        stream: true,
        stream_options: { include_usage: true },
        ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
        ...(temperature === undefined ? {} : { temperature }),
        ...(seed === undefined ? {} : { seed }),
      };
      const server = context.server();
      await interruptible(context, async (signal) => {
        let facts: string[] = [];
        let ended = false;
        let wrote = false;
        try {
          for await (const { event, data } of server.postStream("v1/chat/completions", body, signal)) {
            if (data === "[DONE]") {
              ended = true;
              continue;
            }
            const chunk = parse(data);
            if (event === "error" || "error" in chunk) throw refusal(500, chunk);
            const text = textIn(chunk);
            if (text !== "") context.stdout.write(plainText(text));
            wrote ||= text !== "";
            facts = factsIn(chunk, facts);
          }
          if (!ended) throw brokenOff();
        } finally {
          if (wrote) context.stdout.write("\n");
        }
        if (facts.length > 0) context.stderr.write(`${dim(plainText(`[${facts.join(" · ")}]`), context)}\n`);
      });
    });
};

/** As the server writes it; every field is looked at before it is believed. */
interface Chunk {
  readonly model?: unknown;
  readonly sector?: unknown;
  readonly choices?: unknown;
  readonly usage?: { readonly completion_tokens?: unknown } | null;
  readonly timings?: { readonly predicted_per_second?: unknown } | null;
}

function textIn({ choices }: Chunk): string {
  const first = Array.isArray(choices) ? (choices[0] as { delta?: { content?: unknown } } | undefined) : undefined;
  return typeof first?.delta?.content === "string" ? first.delta.content : "";
}

/** What the chunk says about the whole: model, sector, tokens, speed; what earlier chunks said stays where this one is silent. */
function factsIn({ model, sector, usage, timings }: Chunk, before: string[]): string[] {
  if (typeof usage?.completion_tokens !== "number") return before;
  const speed = timings?.predicted_per_second;
  return [
    ...(typeof model === "string" ? [`model: ${model}`] : []),
    ...(typeof sector === "string" ? [`sektör: ${sector}`] : []),
    `${usage.completion_tokens} belirteç`,
    ...(typeof speed === "number" ? [`${decimal(speed)} belirteç/sn`] : []),
  ];
}
