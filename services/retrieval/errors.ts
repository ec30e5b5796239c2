import { PlatformError } from "../foundation/index.ts";

/** A file of the knowledge folder cannot be used; the message names file and line. */
export class KnowledgeFileError extends PlatformError {
  override readonly name = "KnowledgeFileError";
  /** @param place `finance_banking.jsonl:12`, or the file alone */
  constructor(place: string, fault: string) {
    super({
      code: "knowledge_invalid",
      status: 500,
      message: `${place}: ${fault}`,
      messageTr: `Bilgi belgeleri okunamadı: ${place}.`,
    });
  }
}

/** What was learnt of the words of answers cannot be read. */
export class AnswerWordsError extends PlatformError {
  override readonly name = "AnswerWordsError";
  /** @param rule that the file breaks: "it is JSON" */
  constructor(rule: string) {
    super({
      code: "answer_words_invalid",
      status: 500,
      message: `answer-words.json breaks a rule: ${rule}.`,
      messageTr: "Yanıt sözcükleri dosyası okunamadı.",
    });
  }
}
