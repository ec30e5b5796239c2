import type { ChatMessage } from "../inference/index.ts";
import type { SessionMessage, SessionSummary } from "../sessions/index.ts";

/** Of one message, and of all of them together. */
const messageCharacters = 600;
const mostCharacters = 3_000;

const task =
  "Bir sohbetin eski bölümünü özetliyorsun. En çok beş kısa cümleyle, Türkçe yaz: kişi ne istedi, ne yanıt aldı, neye karar verildi. " +
  "Konuşmada olmayan bir şey ekleme.";

/** Asks for a summary of messages, and of what a former summary says; of too many messages the newest are told. */
export function summaryPrompt(former: SessionSummary | null, messages: readonly SessionMessage[]): ChatMessage[] {
  let room = mostCharacters;
  const lines = messages.map(({ role, content }) => {
    const text = content.length > messageCharacters ? `${content.slice(0, messageCharacters)}…` : content;
    return `${role === "user" ? "Kullanıcı" : "Asistan"}: ${text}`;
  });
  const tooMuch = lines.findLastIndex((line) => {
    room -= line.length;
    return room < 0;
  });
  const told = [...(former === null ? [] : [`Daha önce: ${former.text}`]), ...lines.slice(tooMuch + 1)];
  return [
    { role: "system", content: task },
    { role: "user", content: told.join("\n") },
  ];
}

/** The system prompt, with what was said before the messages that stand in the prompt themselves. */
export function withSummary(
  systemPrompt: string,
  summary: SessionSummary | null | undefined,
  shown: readonly { readonly id?: string; readonly role: string }[],
): string {
  if (summary == null || shown.some(({ id }) => id === summary.until)) return systemPrompt;
  return `${systemPrompt}\n\nKonuşmanın daha önceki bölümünün özeti: ${summary.text}`;
}
