import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { wordDirections } from "../services/main/handlers/word-directions.ts";
import { answerWordsFile, encodeAnswerWords } from "../services/retrieval/answer-words.ts";
import { loadDocuments } from "../services/retrieval/load-documents.ts";
import type { Meaning } from "../services/retrieval/meaning.ts";
import { createMemoryKnowledge } from "../services/retrieval/memory-knowledge.ts";
import { loadStemVectors } from "../services/routing/index.ts";
import { loadSectors } from "../services/settings/index.ts";
import { readExchanges } from "./lib/knowledge/dialogues.ts";
import {
  crossValidated,
  fitAllWeights,
  isGrounded,
  judgeWeights,
  learnFrom,
  type MeaningOf,
  meaningsByFold,
} from "./lib/knowledge/fit-knowledge.ts";
import { fitReport } from "./lib/knowledge/fit-report.ts";
import { measureQuotes } from "./lib/knowledge/measure-quotes.ts";

interface FitOptions {
  readonly data: string;
  readonly sectors: string;
  readonly router: string;
  readonly out: string;
}

/** Writes models/knowledge/answer-words.json and prints the weights that stand in services/retrieval, with what they are worth. */
async function main(options: FitOptions): Promise<void> {
  const sectors = loadSectors(options.sectors).all.map(({ id }) => id);
  const documents = loadDocuments(join(options.data, "knowledge"), sectors);
  const direction = wordDirections(loadStemVectors(options.router));
  const knowledge = createMemoryKnowledge(documents);
  const library = { knowledge, documents: new Map(documents.map((document) => [document.id, document])) };
  const exchanges = readExchanges(join(options.data, "dialogues"));
  const learnt = exchanges.filter(({ heldOut }) => !heldOut);
  const heldOut = exchanges.filter((one) => one.heldOut && isGrounded(one));

  const answerWords = learnFrom(learnt, library);
  const file = encodeAnswerWords(answerWords);
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, answerWordsFile), file);

  const whole: Meaning = { direction, answerWords };
  const byFold = meaningsByFold(learnt, library, direction);
  const weights = fitAllWeights(learnt.filter(isGrounded), library, byFold);
  const meaningOf: MeaningOf = (one) => (one.heldOut ? whole : byFold(one));
  console.log(
    fitReport({
      weights,
      answerWords,
      bytes: Buffer.byteLength(file),
      chosenOn: crossValidated(learnt, library, direction),
      heldOut: judgeWeights(weights, heldOut, library, () => whole),
      quotes: await measureQuotes(exchanges, documents, meaningOf),
    }),
  );
}

const command = new Command("knowledge:fit")
  .description("Learn from datasets/dialogues how questions find passages and sentences. No answer test is read.")
  .option("--data <folder>", "folder with dialogues/ and knowledge/", "datasets")
  .option("--sectors <file>", "the sectors", "configs/sectors.yaml")
  .option("--router <folder>", "where the stem vectors lie", "models/router")
  .option("--out <folder>", "where the words of answers go", "models/knowledge");

await main(command.parse().opts<FitOptions>());
