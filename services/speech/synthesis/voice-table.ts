import { VoiceUnknownError } from "../errors.ts";

export interface VoiceEntry {
  /** What callers say. */
  readonly name: string;
  /** What the engine says; understood from callers too. */
  readonly id: string;
  /** Other names for it, such as a stock client's. */
  readonly alsoCalled?: readonly string[];
}

/** The names stock clients send without asking which voices there are. */
export const openAiVoices = [
  ...["alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"],
  ...["marin", "nova", "onyx", "sage", "shimmer", "verse"],
] as const;

export interface VoiceTable {
  /** In the order they are offered, the default first. */
  readonly names: readonly string[];
  /** The engine's own word for a voice. @param name any case; undefined or "": the first @throws {VoiceUnknownError} */
  idOf(name: string | undefined): string;
}

/**
 * Voices by name. OpenAI's names that no entry claims are spread over all entries, so that a stock client is always heard.
 * @param entries at least one
 */
export function createVoiceTable(entries: readonly VoiceEntry[]): VoiceTable {
  const [first] = entries;
  if (first === undefined) throw new RangeError("A synthesiser has at least one voice.");
  const names = entries.map(({ name }) => name);
  const ids = new Map(
    openAiVoices.map((name, index) => [name as string, (entries[index % entries.length] ?? first).id]),
  );
  for (const { name, id, alsoCalled = [] } of entries) {
    for (const word of [name, id, ...alsoCalled]) ids.set(fold(word), id);
  }
  return {
    names,
    idOf(name) {
      if (name === undefined || name === "") return first.id;
      const id = ids.get(fold(name));
      if (id === undefined) throw new VoiceUnknownError(names);
      return id;
    },
  };
}

/** Names are identifiers, not Turkish words: I is i. */
function fold(name: string): string {
  return name.trim().toLowerCase();
}
