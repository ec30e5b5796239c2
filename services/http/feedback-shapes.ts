import { type Static, Type } from "typebox";
import { UnknownSectorError } from "../conversation/index.ts";
import type { Feedback, FeedbackFilter, KeptFeedback, Page, RoutingExample } from "../feedback/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";
import type { Sectors } from "../settings/index.ts";

const id = Type.String({ minLength: 1, maxLength: 128 });
const line = Type.String({ maxLength: 2000 });
const sector = Type.String({ minLength: 1, maxLength: 64 });

export const FeedbackRequest = Type.Object({
  rating: Type.Integer({ minimum: 1, maximum: 5, description: "1 kötü, 5 çok iyi. 1 bad, 5 very good." }),
  session_id: Type.Optional(id),
  message_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 128, description: "Yanıtın kimliği. The id of the reply it is about." }),
  ),
  user_id: Type.Optional(id),
  sector: Type.Optional(sector),
  comment: Type.Optional(Type.String({ maxLength: 4000 })),
  issues: Type.Optional(
    Type.Array(
      Type.Object({
        category: Type.String({
          minLength: 1,
          maxLength: 64,
          description: "wrong_sector, wrong_answer, incomplete, unclear, slow, other",
        }),
        text: Type.Optional(line),
      }),
      { maxItems: 20 },
    ),
  ),
  suggestions: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 2000 }), { maxItems: 20 })),
  pilot_group: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  expected_sector: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: "Gitmesi gereken sektör. Where it should have gone." }),
  ),
  message: Type.Optional(
    Type.String({ maxLength: 8000, description: "Sorulan ileti; yalnız yanlış sektör bildiriminde saklanır." }),
  ),
  training_opt_out: Type.Optional(
    Type.Boolean({ default: false, description: "true: eğitimde kullanılmasın. Not to be trained on." }),
  ),
});
export type FeedbackRequest = Static<typeof FeedbackRequest>;

export const FeedbackReply = Type.Object({
  id: Type.String(),
  object: Type.Literal("feedback"),
  created_at: Type.String(),
});

const time = Type.String({
  pattern: "^\\d{4}-\\d{2}-\\d{2}(T[0-9:.]+(Z|[+-]\\d{2}:\\d{2}))?$",
  description: "ISO 8601",
});
const rating = Type.String({ pattern: "^[1-5]$" });

export const FilterQuery = Type.Object({
  sector: Type.Optional(sector),
  adapter: Type.Optional(Type.String({ maxLength: 200, description: "name@version" })),
  user_id: Type.Optional(id),
  session_id: Type.Optional(id),
  pilot_group: Type.Optional(Type.String({ maxLength: 64 })),
  category: Type.Optional(Type.String({ maxLength: 64 })),
  min_rating: Type.Optional(rating),
  max_rating: Type.Optional(rating),
  since: Type.Optional(time),
  until: Type.Optional(time),
});
export const PageQuery = Type.Object({
  limit: Type.Optional(Type.String({ pattern: "^([1-9]\\d?|[1-4]\\d\\d|500)$", default: "50" })),
  after: Type.Optional(Type.String({ maxLength: 20 })),
});

/** @throws {UnknownSectorError} */
export function feedbackOf(body: FeedbackRequest, sectors: Sectors): Feedback {
  for (const named of [body.sector, body.expected_sector]) if (named !== undefined) assertSector(named, sectors);
  return {
    sessionId: body.session_id ?? null,
    messageId: body.message_id ?? null,
    userId: body.user_id ?? null,
    sector: body.sector ?? null,
    rating: body.rating,
    comment: body.comment ?? null,
    issues: (body.issues ?? []).map(({ category, text = "" }) => ({ category, text })),
    suggestions: body.suggestions ?? [],
    pilotGroup: body.pilot_group ?? null,
    expectedSector: body.expected_sector ?? null,
    message: body.message ?? null,
    trainingOptOut: body.training_opt_out ?? false,
  };
}

/** @throws {UnknownSectorError} */
export function assertSector(named: string, sectors: Sectors): void {
  if (sectors.byId(named) !== undefined) return;
  throw new UnknownSectorError(
    named,
    sectors.all.map((known) => known.id),
  );
}

/** @throws {InvalidRequestError} a time there is not, such as the 30th of February */
export function filterOf(query: Static<typeof FilterQuery>): FeedbackFilter {
  for (const param of ["since", "until"] as const) {
    const given = query[param];
    if (given !== undefined && Number.isNaN(Date.parse(given)))
      throw new InvalidRequestError(`${param}: there is no such time`, {
        param,
        messageTr: `"${param}": böyle bir zaman yok`,
      });
  }
  const { min_rating: least, max_rating: most } = query;
  return {
    ...(query.sector === undefined ? {} : { sector: query.sector }),
    ...(query.adapter === undefined ? {} : { adapter: query.adapter }),
    ...(query.user_id === undefined ? {} : { userId: query.user_id }),
    ...(query.session_id === undefined ? {} : { sessionId: query.session_id }),
    ...(query.pilot_group === undefined ? {} : { pilotGroup: query.pilot_group }),
    ...(query.category === undefined ? {} : { category: query.category }),
    ...(least === undefined ? {} : { minRating: Number(least) }),
    ...(most === undefined ? {} : { maxRating: Number(most) }),
    ...(query.since === undefined ? {} : { since: new Date(query.since).toISOString() }),
    ...(query.until === undefined ? {} : { until: new Date(query.until).toISOString() }),
  };
}

export function pageOf({ limit = "50", after }: Static<typeof PageQuery>): Page {
  return { limit: Number(limit), ...(after === undefined ? {} : { after }) };
}

export function renderFeedback(feedback: KeptFeedback) {
  const { request } = feedback;
  return {
    id: feedback.id,
    object: "feedback",
    created_at: feedback.at,
    session_id: feedback.sessionId,
    message_id: feedback.messageId,
    user_id: feedback.userId,
    sector: feedback.sector,
    rating: feedback.rating,
    comment: feedback.comment,
    issues: feedback.issues,
    suggestions: feedback.suggestions,
    pilot_group: feedback.pilotGroup,
    expected_sector: feedback.expectedSector,
    training_opt_out: feedback.trainingOptOut,
    request:
      request === null
        ? null
        : {
            id: request.id,
            sector: request.sector,
            adapter: request.adapter,
            routed_by: request.routedBy,
            confidence: request.confidence,
          },
  };
}

export function renderExample(example: RoutingExample) {
  return {
    id: example.id,
    object: "routing_example",
    created_at: example.at,
    text: example.text,
    routed_to: example.routedTo,
    expected_sector: example.expectedSector,
    status: example.status,
  };
}
