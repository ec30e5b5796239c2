import { createFeatureReader, type FeatureSpec, type RowLookup } from "../features.ts";
import { followUpClass, outOfScopeClass } from "../weights.ts";
import { augment, type Copy } from "./augment.ts";
import { createRandom, integerBelow } from "./random.ts";
import type { RoutingData } from "./read-examples.ts";

export interface CorpusSpec {
  readonly seed: number;
  readonly copies: readonly Copy[];
  /** How much a copy counts against its original. */
  readonly copyImportance: number;
  /** How much one sentence of an assistant's answer counts against a message: its words are the sector's, its voice is not. */
  readonly sentenceImportance: number;
  /** How much a later user turn of a dialogue counts. */
  readonly laterImportance: number;
  /** Part of a later turn's label that is follow_up; the rest is the dialogue's sector. */
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

/** A held-out question to the model: what it should say, and the conversation it stands in, if any. */
export interface HeldOut {
  readonly text: string;
  readonly sector: string;
  readonly kind: string;
  readonly fold: number;
  /** Earlier user turns of the dialogue; only for `kind` "later". */
  readonly utterances: readonly string[];
}

export interface Corpus {
  readonly texts: readonly TrainingText[];
  readonly heldOut: readonly HeldOut[];
  /** Text i owns `ids`/`values` from `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
  readonly values: Float32Array;
  /** Hash of each n-gram id. */
  readonly hashes: Int32Array;
}

/** Everything the model learns from, read into n-grams once; the folds of cross-validation choose from it. */
export function buildCorpus(
  data: RoutingData,
  classes: readonly string[],
  features: FeatureSpec,
  spec: CorpusSpec,
): Corpus {
  const random = createRandom(spec.seed);
  const indexOf = new Map(classes.map((name, at) => [name, at]));
  const at = (name: string): number => indexOf.get(name) ?? -1;
  const texts: TrainingText[] = [];
  const heldOut: HeldOut[] = [];

  const add = (text: string, targets: TrainingText["targets"], importance: number, fold: number): void => {
    texts.push({ text, targets, importance, fold });
    for (const copy of spec.copies)
      texts.push({ text: augment(text, copy, random), targets, importance: importance * spec.copyImportance, fold });
  };
  for (const { text, sector, kind } of data.examples) {
    const fold = integerBelow(random, spec.folds);
    add(text, [[at(sector), 1]], 1, fold);
    heldOut.push({ text, sector, kind, fold, utterances: [] });
  }
  for (const { sector, userTurns, assistantTurns } of data.dialogues) {
    const fold = integerBelow(random, spec.folds);
    const own = at(sector);
    if (own < 0) {
      const label = [
        [at(outOfScopeClass), 1 - spec.generalFollowUp] as const,
        [at(followUpClass), spec.generalFollowUp] as const,
      ];
      for (const text of userTurns) if (spec.generalImportance > 0) add(text, label, spec.generalImportance, fold);
      continue;
    }
    const laterLabel = [[own, 1 - spec.laterFollowUp] as const, [at(followUpClass), spec.laterFollowUp] as const];
    for (const [turn, text] of userTurns.entries()) {
      if (turn === 0) add(text, [[own, 1]], 1, fold);
      else {
        heldOut.push({ text, sector, kind: "later", fold, utterances: userTurns.slice(0, turn) });
        add(text, laterLabel, spec.laterImportance, fold);
      }
    }
    for (const sentence of assistantTurns.flatMap((turn) => turn.split(/(?<=[.!?])\s+/u))) {
      texts.push({ text: sentence, targets: [[own, 1]], importance: spec.sentenceImportance, fold });
    }
  }
  return { texts, heldOut, ...readAll(texts, features) };
}

function readAll(
  texts: readonly TrainingText[],
  features: FeatureSpec,
): Pick<Corpus, "offsets" | "ids" | "values" | "hashes"> {
  const reader = createFeatureReader(features);
  const idOf = new Map<number, number>();
  const growing: RowLookup = {
    size: 1 << 22,
    rowOf(hash) {
      const known = idOf.get(hash);
      if (known !== undefined) return known;
      idOf.set(hash, idOf.size);
      return idOf.size - 1;
    },
  };
  const offsets = new Int32Array(texts.length + 1);
  const ids: number[] = [];
  const values: number[] = [];
  texts.forEach(({ text }, index) => {
    const vector = reader.extract(text, growing);
    for (let at = 0; at < vector.count; at++) {
      ids.push(vector.rows[at] as number);
      values.push(vector.values[at] as number);
    }
    offsets[index + 1] = ids.length;
  });
  return {
    offsets,
    ids: Int32Array.from(ids),
    values: Float32Array.from(values),
    hashes: Int32Array.from(idOf.keys()),
  };
}
