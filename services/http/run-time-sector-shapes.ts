import { type Static, Type } from "typebox";
import { renderOpenAiError } from "../dialect/index.ts";
import { exampleLimits, type NewSector, type SectorState } from "../routing/index.ts";

const Example = Type.Union([
  Type.String(),
  Type.Object({ text: Type.String() }, { additionalProperties: true, description: "datasets/routing biçiminde" }),
]);
/** More than may be kept: copies of one text count once, and are counted later. */
const Examples = Type.Array(Example, {
  minItems: 1,
  maxItems: 2 * exampleLimits.most,
  description: `Bu sektöre giden iletiler: en az ${exampleLimits.fewest} farklı örnek. Messages that belong to the sector.`,
});
const force = Type.Optional(
  Type.Boolean({
    default: false,
    description: "Ölçüm olumsuz olsa da yayına al. Go live even where the measurement says no.",
  }),
);

export const NewSectorRequest = Type.Object(
  {
    id: Type.String({ maxLength: 64, description: "snake_case" }),
    name: Type.Object({
      tr: Type.String({ minLength: 1, maxLength: 200 }),
      en: Type.Optional(Type.String({ maxLength: 200 })),
    }),
    system_prompt: Type.Optional(Type.String({ minLength: 1, maxLength: 8000 })),
    threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    examples: Examples,
    force,
  },
  { additionalProperties: false },
);
export type NewSectorRequest = Static<typeof NewSectorRequest>;

export const MoreExamplesRequest = Type.Object({ examples: Examples, force }, { additionalProperties: false });

/** `wait=true`: the answer comes when the training is over. */
export const WaitQuery = Type.Object({ wait: Type.Optional(Type.Enum(["true", "false"])) });
export const SectorParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) });

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer();

export const SectorReply = Type.Object({
  id: Type.String(),
  object: Type.Literal("sector"),
  name: Type.Object({ tr: Type.String(), en: Type.String() }),
  system_prompt: Type.String(),
  threshold: nullable(Type.Number()),
  built_in: Type.Boolean(),
  status: Type.Enum(["training", "live", "failed"]),
  serving: Type.Boolean(),
  examples: nullable(Count),
  progress: nullable(Type.Number()),
  seconds: nullable(Type.Number()),
  figures: nullable(
    Type.Object({
      own: Type.Object({ messages: Count, recognised: Count }),
      others: Type.Object({ messages: Count, without: Count, with: Count }),
      served: Type.Object({ messages: Count, before: Count, after: Count }),
      out_of_scope: Type.Object({ messages: Count, without: Count, with: Count }),
    }),
  ),
  error: nullable(Type.Record(Type.String(), Type.Unknown())),
});

export function newSectorOf(body: NewSectorRequest): NewSector {
  const { id, name, system_prompt: systemPrompt, threshold, examples } = body;
  return {
    id,
    name: { tr: name.tr, ...(name.en === undefined ? {} : { en: name.en }) },
    ...(systemPrompt === undefined ? {} : { systemPrompt }),
    ...(threshold === undefined ? {} : { threshold }),
    examples: textsOf(examples),
  };
}

export function textsOf(examples: Static<typeof Examples>): readonly string[] {
  return examples.map((example) => (typeof example === "string" ? example : example.text));
}

export function renderSector(state: SectorState): Static<typeof SectorReply> {
  const { sector, builtIn, status, serving, examples, progress, seconds, figures, failure } = state;
  return {
    id: sector.id,
    object: "sector",
    name: sector.name,
    system_prompt: sector.systemPrompt,
    threshold: sector.threshold ?? null,
    built_in: builtIn,
    status,
    serving,
    examples,
    progress,
    seconds,
    figures:
      figures === null
        ? null
        : { own: figures.own, others: figures.others, served: figures.served, out_of_scope: figures.outOfScope },
    error: failure === null ? null : renderOpenAiError(failure).error,
  };
}
