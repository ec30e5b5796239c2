import { Type } from "typebox";
import type { TurnSource } from "../conversation/index.ts";

type Found = Omit<TurnSource, "cited">;

const found = {
  document: Type.String({ description: "Belgenin kimliği. Id of the document." }),
  title: Type.String(),
  chunk: Type.Integer({ minimum: 0, description: "Belgenin kaçıncı parçası, 0'dan. Which piece of it." }),
  score: Type.Number({ minimum: 0, maximum: 1 }),
  sector: Type.String(),
};

/** A passage that was found, as `POST /rag` tells it. */
export const FoundSource = Type.Object(found);

/** A passage that stands in the prompt, in the prompt's order. */
export const Source = Type.Object({
  ...found,
  source: Type.String({ description: "Belgenin dayanağı. What the document rests on." }),
  cited: Type.Boolean({ description: "Yanıtta [n] olarak geçiyor. The reply, as far as it has come, cites it." }),
});

export function renderFound({ document, title, chunk, score, sector }: Found) {
  return { document, title, chunk, score, sector };
}
