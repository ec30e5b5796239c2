import { resolve } from "node:path";
import { loadAnswerWords } from "../../retrieval/answer-words.ts";
import type { Meaning } from "../../retrieval/index.ts";
import { noMeaning } from "../../retrieval/meaning.ts";
import type { StemVectors } from "../../routing/index.ts";
import { wordDirections } from "../handlers/word-directions.ts";

/**
 * What passages and questions are compared by besides their letters: the router's stem vectors and the words learnt from dialogues.
 * @param stems undefined: no word has a direction
 * @param folder where answer-words.json lies; without it no word draws another
 * @throws {AnswerWordsError} the file cannot be used
 */
export function loadMeaning(stems: StemVectors | undefined, folder = resolve("models/knowledge")): Meaning {
  return { direction: wordDirections(stems), answerWords: loadAnswerWords(folder) ?? noMeaning.answerWords };
}
