/**
 * Turkish characters a token holds, estimated low: the embedded model's tokenizer has 3.8, those made for English come down to about 2.5.
 * Counting would cost a round trip to the engine at every turn.
 */
export const charactersPerToken = 2.5;

/** What chat templates put around a message. */
const tokensAround = 4;

/** Tokens a message takes in a prompt, estimated high. */
export function estimatedTokens(content: string): number {
  return Math.ceil(content.length / charactersPerToken) + tokensAround;
}
