import { createFeatureReader } from "../features.ts";
import type { FeatureSpec } from "../grams.ts";
import { createStemReader, type StemVectors } from "../stem-vectors.ts";
import { followUpClass, outOfScopeClass } from "../weights.ts";
import { augment, type Copy } from "./augment.ts";
import { createGrowingVocabulary } from "./growing-vocabulary.ts";
import { createRandom, integerBelow } from "./random.ts";
import type { ConversationTurn, RoutingData } from "./read-examples.ts";
import { sentencesOf } from "./sentences.ts";
import { float32List, int32List } from "./typed-lists.ts";

export interface CorpusSpec {
  readonly seed: number;
  readonly copies: readonly Copy[];
  /** How much a copy counts against its original. */
  readonly copyImportance: number;
  /** How much one sentence of an assistant's answer counts against a message: its words are the sector's, its voice is not. */
  readonly sentenceImportance: number;
  /** How much one sentence of a knowledge document counts; 0 leaves them out. */
  readonly knowledgeImportance: number;
  /** How much one term of a sector's word list counts; 0 leaves them out. */
  readonly termImportance: number;
  /** How much an out-of-scope message counts. */
  readonly outOfScopeImportance: number;
  /** How much a later user turn of a dialogue, or of a conversation that goes on with its subject, counts. */
  readonly laterImportance: number;
  /** Part of a later turn's label that is follow_up; the rest is the conversation's sector. */
  readonly laterFollowUp: number;
  /** How much a user turn of a general dialogue ("merhaba", "tamam") counts, and which part of its label is follow_up. */
  readonly generalImportance: number;
  readonly generalFollowUp: number;
  readonly folds: number;
}

/** One training text; copies and sentences share the fold of what they come from. */
export interface TrainingText {
  readonly text: string;
  /** Class → probability. */
  readonly targets: readonly (readonly [classAt: number, probability: number])[];
  readonly importance: number;
  readonly fold: number;
}

/** The fold of texts that no held-out message resembles by origin: knowledge and word lists train every model. */
export const everyFold = -1;

/** A held-out question to the model and what it should say. */
export interface HeldOut {
  readonly text: string;
  readonly sector: string;
  readonly kind: string;
  readonly fold: number;
}

/** A held-out conversation: its user turns in order. */
export interface HeldOutConversation {
  readonly turns: readonly ConversationTurn[];
  readonly fold: number;
}

export interface Corpus {
  readonly texts: readonly TrainingText[];
  readonly heldOut: readonly HeldOut[];
  readonly conversations: readonly HeldOutConversation[];
  /** Text i owns `ids`/`values` from `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly values: Float32Array;
  /** Hash of each n-gram id. */
  readonly hashes: Int32Array;
  /** [texts × dimensions] directions of length 1, all 0 where no stem is known; empty without stem vectors. */
  readonly directions: Float32Array;
  readonly dimensions: number;
}

type Add = (text: string, targets: TrainingText["targets"], importance: number, fold: number) => void;

/** Everything the model learns from, read into n-grams and directions once; the folds of cross-validation choose from it. */
export function buildCorpus(
  data: RoutingData,
  classes: readonly string[],
  features: FeatureSpec,
  spec: CorpusSpec,
  stems?: StemVectors,
): Corpus {
  const random = createRandom(spec.seed);
  // Drawn apart from the copies, so that other copies are measured on the same folds.
  const foldRandom = createRandom(spec.seed + 1);
  const drawFold = () => integerBelow(foldRandom, spec.folds);
  const indexOf = new Map(classes.map((name, at) => [name, at]));
  const at = (name: string): number => indexOf.get(name) ?? -1;
  const texts: TrainingText[] = [];
  const heldOut: HeldOut[] = [];
  const conversations: HeldOutConversation[] = [];

  const addOnce: Add = (text, targets, importance, fold) => {
    if (importance > 0) texts.push({ text, targets, importance, fold });
  };
  const add: Add = (text, targets, importance, fold) => {
    addOnce(text, targets, importance, fold);
    for (const copy of spec.copies)
      addOnce(augment(text, copy, random), targets, importance * spec.copyImportance, fold);
  };
  const ofScope = (sector: string) => (sector === outOfScopeClass ? spec.outOfScopeImportance : 1);

  for (const { text, sector, kind } of data.examples) {
    const fold = drawFold();
    add(text, [[at(sector), 1]], ofScope(sector), fold);
    heldOut.push({ text, sector, kind, fold });
  }
  const addTurns = (turns: readonly ConversationTurn[], fold: number): void => {
    let subject: string | undefined;
    for (const { text, sector } of turns) {
      const goesOn = sector === subject && sector !== outOfScopeClass;
      if (!goesOn) add(text, [[at(sector), 1]], ofScope(sector), fold);
      else
        add(
          text,
          [[at(sector), 1 - spec.laterFollowUp] as const, [at(followUpClass), spec.laterFollowUp] as const],
          spec.laterImportance,
          fold,
        );
      if (sector !== outOfScopeClass) subject = sector;
    }
    if (turns.length > 1) conversations.push({ turns, fold });
  };
  for (const { sector, userTurns, assistantTurns } of data.dialogues) {
    const fold = drawFold();
    if (at(sector) < 0) {
      const label = [
        [at(outOfScopeClass), 1 - spec.generalFollowUp] as const,
        [at(followUpClass), spec.generalFollowUp] as const,
      ];
      for (const text of userTurns) add(text, label, spec.generalImportance, fold);
      continue;
    }
    addTurns(
      userTurns.map((text) => ({ text, sector })),
      fold,
    );
    for (const sentence of assistantTurns.flatMap(sentencesOf))
      addOnce(sentence, [[at(sector), 1]], spec.sentenceImportance, fold);
  }
  for (const { turns } of data.conversations) addTurns(turns, drawFold());
  for (const { text, sector } of data.sentences) addOnce(text, [[at(sector), 1]], spec.knowledgeImportance, everyFold);
  for (const { text, sector } of data.terms) addOnce(text, [[at(sector), 1]], spec.termImportance, everyFold);
  return { texts, heldOut, conversations, ...readAll(texts, features, stems) };
}

function readAll(
  texts: readonly TrainingText[],
  features: FeatureSpec,
  stems: StemVectors | undefined,
): Pick<Corpus, "offsets" | "ids" | "values" | "hashes" | "directions" | "dimensions"> {
  const reader = createFeatureReader(features);
  const growing = createGrowingVocabulary();
  const stemReader = stems === undefined ? undefined : createStemReader(stems);
  const dimensions = stems?.dimensions ?? 0;
  const directions = new Float32Array(texts.length * dimensions);
  const offsets = new Int32Array(texts.length + 1);
  const ids = int32List();
  const values = float32List();
  texts.forEach(({ text }, index) => {
    const vector = reader.extract(text, growing);
    for (let at = 0; at < vector.count; at++) {
      ids.push(vector.rows[at] as number);
      values.push(vector.values[at] as number);
    }
    offsets[index + 1] = ids.length;
    const direction = directions.subarray(index * dimensions, (index + 1) * dimensions);
    stemReader?.read(vector.codes, vector.length, direction);
  });
  return {
    offsets,
    ids: ids.toArray(),
    values: values.toArray(),
    hashes: growing.hashes(),
    directions,
    dimensions,
  };
}
