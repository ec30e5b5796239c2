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
