import { Type } from "typebox";
import { closed } from "./closed.ts";

export const routingSettings = Type.Object(
  {
    weightsFolder: Type.String({ default: "models/router", description: "written by `npm run router:train`" }),
    datasetsFolder: Type.String({
      minLength: 1,
      default: "datasets",
      description: "what the router was trained on; a [sector added at run time](new-sector.md) is trained beside it",
    }),
    trainingTimeoutMs: Type.Integer({
      minimum: 1000,
      default: 300_000,
      description: "longest training of a run-time sector",
    }),
  },
  { ...closed, title: "which sector a message belongs to" },
);

export const knowledgeSettings = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      default: "datasets/knowledge",
      description:
        "`<sector>.jsonl` files of documents, read at start ([knowledge](knowledge.md)); without the folder there is no knowledge",
    }),
    passages: Type.Integer({
      minimum: 0,
      maximum: 9,
      default: 2,
      description: "most passages that join one prompt; 0 = never any",
    }),
    minScore: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.24,
      description: "where the best passage is below it, none is used; [measured](../eval/knowledge.md)",
    }),
    answers: Type.Enum(["auto", "quoted", "free"], {
      default: "auto",
      description:
        "`quoted`: a reply that rests on passages says their sentences and nothing else; `free`: in the model's own words; `auto`: quoted when the base is known to have fewer than 10⁹ parameters ([knowledge](knowledge.md))",
    }),
  },
  { ...closed, title: "documents that join the prompt" },
);

export const sessionsSettings = Type.Object(
  {
    store: Type.Enum(["embedded", "redis"], { default: "embedded", description: "where conversations are kept" }),
    ttlS: Type.Integer({
      minimum: 1,
      default: 86_400,
      description: "seconds after its last turn that a session is forgotten",
    }),
    maxMessages: Type.Integer({ minimum: 2, default: 200, description: "messages kept of one session" }),
  },
  { ...closed, title: "conversations" },
);
