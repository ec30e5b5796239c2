import { foldTurkish, stripTurkishDiacritics } from "../foundation/index.ts";

const plain = (text: string): string => stripTurkishDiacritics(foldTurkish(text));

/** What greets, thanks, agrees or takes leave, and asks nothing. */
const courtesies = new Set(
  plain(
    `merhaba merhabalar selam selamlar slm mrb günaydın iyi günler akşamlar geceler çalışmalar kolay gelsin teşekkür teşekkürler tşk ederim
     ediyorum ederiz çok sağ ol olun sağol sağolun eyvallah tamam tamamdır ok peki olur evet hayır anladım anlaşıldı rica görüşürüz hoşça
     kal kalın güle size de sana da o halde harika süper güzel`,
  ).split(/\s+/),
);

/** Whether a message is nothing but courtesy: "Tamam, çok teşekkürler." It must not bring up the documents of the question before it. */
export function isCourtesy(message: string): boolean {
  const words = plain(message).match(/[\p{L}\p{N}]+/gu) ?? [];
  return !message.includes("?") && words.every((word) => courtesies.has(word));
}
