/** A SentencePiece-style vocabulary llama.cpp accepts: special tokens, all bytes, letters, then ever longer made-up pieces. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly scores: readonly number[];
  /** llama_token_type: 1 normal, 2 unknown, 3 control, 6 byte. */
  readonly types: readonly number[];
  /** Where ordinary pieces begin; before that a reply would hold control tokens or broken characters. */
  readonly firstPiece: number;
}

export const specialTokens = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"] as const;
export const bosToken = 1;
export const eosToken = 2;

export const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const letters = [..."▁abcçdefgğhıijklmnoöprsştuüvyzqwxABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ0123456789.,?!'\"-:;()\n"];
const lowerCase = [..."aeıioöuübcçdfgğhjklmnprsştvyz"];

/** @param size tokens in all, at least 5 + 256 + the letters */
export function makeVocabulary(size: number): Vocabulary {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const tokens: string[] = [...specialTokens, ...bytes, ...letters];
  const firstPiece = specialTokens.length + bytes.length;
  if (size < tokens.length) throw new RangeError(`A vocabulary needs at least ${tokens.length} tokens.`);
  for (const piece of pieces()) {
    if (tokens.length >= size) break;
    tokens.push(piece);
  }
  if (tokens.length < size) throw new RangeError(`Vocabularies of up to ${tokens.length} tokens can be made.`);
  return {
    tokens,
    // The earlier a piece, the sooner it is merged; special tokens and bytes are never the result of a merge.
    scores: tokens.map((_, id) => (id < firstPiece ? 0 : firstPiece - id - 1)),
    types: tokens.map((_, id) => (id === 0 ? 2 : id < specialTokens.length ? 3 : id < firstPiece ? 6 : 1)),
    firstPiece,
  };
}

/** Pairs and triples of letters, with and without a space in front: every piece can be reached by joining two shorter ones. */
function* pieces(): Generator<string> {
  for (const a of lowerCase) yield `▁${a}`;
  for (const a of lowerCase) for (const b of lowerCase) yield a + b;
  for (const a of lowerCase) for (const b of lowerCase) yield `▁${a}${b}`;
  for (const a of lowerCase) for (const b of lowerCase) for (const c of lowerCase) yield a + b + c;
  for (const a of lowerCase) for (const b of lowerCase) for (const c of lowerCase) yield `▁${a}${b}${c}`;
}
