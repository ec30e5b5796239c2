import { foldTurkish, stripTurkishDiacritics } from "../foundation/index.ts";

/** Words that say nothing about what a question is about: particles, question words, courtesies, "I would like to". */
const words = `
  acaba ama ancak artık az bana ben beni benim bir biraz biri bu bunu bunun bunlar buna çok çünkü da daha de diye en gibi hangi hem her
  hiç için ile ise işte kaç kadar ki kim mi mı mu mü misiniz mısınız musunuz müsünüz mıyım miyim muyum müyüm mıyız miyiz muyuz müyüz miydi
  mıydı muydu müydü nasıl ne neden nedir nerede nereye nereden niye o olan olarak oldu olur olsun olacak onu onun peki sen siz şey şu tabi
  ve veya ya yani yok var zaman şimdi sonra önce lazım gerekir gerekiyor gerek isterim istiyorum olabilir edebilir yapabilir yapmam
  yapmalıyım etmem ediyor oluyor acil bilgi hakkında yardım yardımcı
  merhaba merhabalar selam selamlar günaydın iyi günler akşamlar geceler kolay gelsin lütfen teşekkür teşekkürler ederim sağ ol olun sağol
  sağolun eyvallah tamam tamamdır rica hoca hocam abi abla bey hanım efendim evet hayır görüşürüz hoşça kal kalın`;

export const commonWords: ReadonlySet<string> = new Set(
  stripTurkishDiacritics(foldTurkish(words))
    .split(/\s+/)
    .filter((word) => word !== ""),
);
