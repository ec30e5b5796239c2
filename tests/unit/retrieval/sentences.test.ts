import { expect, it } from "vitest";
import { splitSentences } from "../../../services/retrieval/sentences.ts";

it.each([
  ["two sentences", "Süre yedi gündür. İtiraz yazılı olur.", ["Süre yedi gündür.", "İtiraz yazılı olur."]],
  [
    "a question and an exclamation",
    "Kime gidilir? Hemen arayın! Bekleyin.",
    ["Kime gidilir?", "Hemen arayın!", "Bekleyin."],
  ],
  ["no full stop at the end", "Bir cümle. Yarım kalan", ["Bir cümle.", "Yarım kalan"]],
  ["line breaks inside a sentence", "Bir\n  cümle. İki.", ["Bir cümle.", "İki."]],
  ["paragraphs without full stops", "Başlık\n\nMetin burada.", ["Başlık", "Metin burada."]],
  ["entries of a list", "Gerekenler:\n- kimlik\n- dilekçe", ["Gerekenler:", "- kimlik", "- dilekçe"]],
  ["a quotation mark behind the full stop", "“Olmaz.” Dedi.", ["“Olmaz.”", "Dedi."]],
  ["nothing", "  \n ", []],
])("tells apart: %s", (_what, text, sentences) => {
  expect(splitSentences(text)).toEqual(sentences);
});

it.each([
  "Kanunun m. 24 hükmü uygulanır.",
  "T.C. Anayasası geçerlidir.",
  "Av. Demir dilekçeyi verdi.",
  "Dosya 19. Hukuk Dairesindedir.",
  "Bedel 10.000 TL olarak öngörülür.",
  "İş Kanunu No. 4857 uygulanır.",
  "Süre 3. gün dolar.",
])("keeps one sentence whole: %s", (sentence) => {
  expect(splitSentences(sentence)).toEqual([sentence]);
});
