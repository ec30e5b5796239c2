import { Type } from "typebox";
import { closed } from "./closed.ts";

export const redisSettings = Type.Object(
  {
    url: Type.String({
      default: "redis://127.0.0.1:6379",
      description: "for `sessions.store`, `limits.store` and `jobs.store`: redis; the password stands in it",
      secret: true,
    }),
  },
  { ...closed, title: "one for all that is kept or counted there" },
);

export const storageSettings = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      default: ".sektor/data",
      description: "the embedded database, and what waits for a database that is away; one process at a time",
    }),
    backend: Type.Enum(["embedded", "postgres"], {
      default: "embedded",
      description: "where everything is [kept](keeping.md): in this process, or in a Postgres server",
    }),
    postgres: Type.Object(
      {
        url: Type.String({
          pattern: "^(postgres(ql)?://.+)?$",
          default: "",
          description: "the server, user, password and database",
          form: "`postgres://…`",
          secret: true,
        }),
        poolSize: Type.Integer({ minimum: 1, maximum: 1000, default: 10, description: "connections at once" }),
      },
      closed,
    ),
    keepMessages: Type.Boolean({
      default: false,
      description: "whether the request log holds what was said, and not only its numbers ([keeping](keeping.md))",
    }),
    retentionDays: Type.Integer({
      minimum: 1,
      maximum: 3650,
      default: 30,
      description: "days after which what was said goes out of the request log",
    }),
  },
  { ...closed, title: "what is kept, and where" },
);
