import { createVoiceTable, type VoiceTable } from "../voice-table.ts";

/**
 * espeak-ng's Turkish voice and variants of it that differ clearly in pitch and timbre. espeak takes an unknown variant for the
 * plain voice without a word, so the list is ours. Fundamental frequencies were measured.
 */
const entries = [
  /** 98 Hz */
  { name: "deniz", id: "tr", alsoCalled: ["alloy", "cedar"] },
  /** 188 Hz */
  { name: "elif", id: "tr+f2", alsoCalled: ["coral", "marin"] },
  /** 202 Hz */
  { name: "zeynep", id: "tr+f5", alsoCalled: ["shimmer"] },
  /** 208 Hz */
  { name: "defne", id: "tr+f3", alsoCalled: ["nova"] },
  /** 175 Hz */
  { name: "selin", id: "tr+f1", alsoCalled: ["sage"] },
  /** 100 Hz, brighter */
  { name: "kerem", id: "tr+m3", alsoCalled: ["ash", "verse"] },
  /** 103 Hz, fuller */
  { name: "mert", id: "tr+m7", alsoCalled: ["ballad", "fable"] },
  /** 88 Hz, deeper */
  { name: "baran", id: "tr+m4", alsoCalled: ["echo", "onyx"] },
] as const;

export const espeakVoices: VoiceTable = createVoiceTable(entries);
