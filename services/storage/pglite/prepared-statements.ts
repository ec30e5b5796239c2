import { messages, type PGlite, parse, protocol, type Results } from "@electric-sql/pglite";

const { serialize } = protocol;
/** Statements kept prepared; the least recently used is forgotten first. */
const most = 100;

/**
 * Runs statements with parameters in one round trip, each prepared once: PGlite's own `query` takes three round trips and plans
 * anew every time, which costs more than most statements themselves.
 */
export class PreparedStatements {
  readonly #database: PGlite;
  /** SQL → its name in Postgres, least recently used first. */
  readonly #names = new Map<string, string>();
  #lastName = 0;

  constructor(database: PGlite) {
    this.#database = database;
  }

  /** @throws the database's error, as PGlite's `query` does */
  async run(sql: string, params: readonly unknown[]): Promise<Results | undefined> {
    const known = this.#names.get(sql);
    const name = known ?? `s${++this.#lastName}`;
    const steps = [
      ...(known === undefined ? [serialize.parse({ name, text: sql })] : []),
      serialize.bind({ statement: name, values: params.map(asPgSends) }),
      serialize.describe({ type: "P" }),
      serialize.execute({}),
      serialize.sync(),
    ];
    const reply = await this.#database.execProtocol(Buffer.concat(steps), { throwOnError: false });
    const failure = reply.messages.find((message) => message instanceof messages.DatabaseError);
    const parsed = known !== undefined || reply.messages.some((message) => message.name === "parseComplete");
    if (parsed) await this.#remember(sql, name, failure !== undefined);
    if (failure !== undefined) throw failure;
    return parse.parseResults(reply.messages, this.#database.parsers)[0];
  }

  /** One that failed is forgotten: its tables may have changed since it was planned. */
  async #remember(sql: string, name: string, failed: boolean): Promise<void> {
    this.#names.delete(sql);
    if (!failed) this.#names.set(sql, name);
    const [oldest] = this.#names;
    if (failed) await this.#forget(name);
    else if (this.#names.size > most && oldest !== undefined) {
      this.#names.delete(oldest[0]);
      await this.#forget(oldest[1]);
    }
  }

  async #forget(name: string): Promise<void> {
    const steps = [serialize.close({ type: "S", name }), serialize.sync()];
    await this.#database.execProtocol(Buffer.concat(steps), { throwOnError: false });
  }
}

/** A parameter as `pg` sends it: bytes as they are, all else as text whose type Postgres infers; objects as JSON, arrays as arrays. */
function asPgSends(value: unknown): string | Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `{${value.map(asElement).join(",")}}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function asElement(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (Array.isArray(value)) return `{${value.map(asElement).join(",")}}`;
  const text = value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : asPgSends(value);
  return `"${String(text).replace(/[\\"]/g, "\\$&")}"`;
}
