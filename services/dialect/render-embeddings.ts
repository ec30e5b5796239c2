import type { Embedding } from "../inference/index.ts";

/** OpenAI's embedding list; `base64` is little-endian Float32, as their SDK expects by default. */
export function renderEmbeddings(model: string, embeddings: readonly Embedding[], format: "float" | "base64") {
  const tokens = embeddings.reduce((sum, embedding) => sum + embedding.tokens, 0);
  return {
    object: "list" as const,
    data: embeddings.map(({ vector }, index) => ({
      object: "embedding" as const,
      index,
      embedding: format === "base64" ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector,
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
