import { Type } from "typebox";
import { scopes } from "../access/index.ts";

const Scopes = Type.Array(Type.Enum([...scopes]), {
  minItems: 1,
  maxItems: scopes.length,
  description: "Yetkiler. What the key is good for; none implies another.",
});
const OrNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Closed, so that a misspelt limit is refused instead of being left out. */
export const KeyRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 120, pattern: "\\S", description: "Anahtar kimin. Whose key it is." }),
    scopes: Type.Optional(Scopes),
    sectors: Type.Optional(
      OrNull(
        Type.Array(Type.String({ maxLength: 64 }), {
          minItems: 1,
          maxItems: 100,
          description: "Without it every sector.",
        }),
      ),
    ),
    user_id: Type.Optional(
      OrNull(Type.String({ minLength: 1, maxLength: 128, description: "The user all its requests count for." })),
    ),
    expires_at: Type.Optional(OrNull(Type.String({ maxLength: 40, description: "ISO 8601; without it never." }))),
  },
  { additionalProperties: false },
);

export const RotateRequest = Type.Object(
  {
    grace_s: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2_592_000,
        default: 86_400,
        description: "Eski anahtar kaç saniye daha geçerli. How long the former key goes on.",
      }),
    ),
  },
  { additionalProperties: false },
);

const view = {
  id: Type.String(),
  object: Type.Literal("api_key"),
  name: Type.String(),
  scopes: Scopes,
  sectors: OrNull(Type.Array(Type.String())),
  user_id: OrNull(Type.String()),
  created_at: Type.String(),
  expires_at: OrNull(Type.String()),
  revoked_at: OrNull(Type.String()),
  last_used_at: OrNull(Type.String()),
  /** Newest first; all but the first end at `valid_until`. */
  secrets: Type.Array(Type.Object({ begins: Type.String(), valid_until: OrNull(Type.String()) })),
};

export const KeyView = Type.Object(view);

export const MintedKeyView = Type.Object({
  ...view,
  key: Type.String({ description: "Anahtarın kendisi; bir daha gösterilmez. The key itself, shown this once." }),
});
