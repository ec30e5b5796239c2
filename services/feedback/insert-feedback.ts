import { createHash } from "node:crypto";
import { storable } from "../foundation/index.ts";
import { type Database, SqlError, StorageBusyError } from "../storage/index.ts";
import { IdempotencyKeyReusedError } from "./errors.ts";
import type { Feedback } from "./feedback.ts";
import type { IdempotencyKey } from "./feedback-store.ts";

export interface Accepted {
  readonly id: string;
  readonly at: string;
  readonly isNew: boolean;
}

interface Row extends Feedback {
  readonly id: string;
  readonly at: string;
  readonly owner: string | null;
  readonly idempotencyKey: string | null;
  readonly fingerprint: string;
  readonly wrongSector: boolean;
}

/** A feedback whose key is known. */
interface KnownRow {
  readonly owner: string | null;
  readonly idempotency_key: string;
  readonly id: string;
  readonly at: Date;
  readonly fingerprint: string;
}

interface Waiting {
  readonly row: Row;
  readonly resolve: (accepted: Accepted) => void;
  readonly reject: (failure: unknown) => void;
}

const maxWaiting = 5_000;
const batchRows = 200;
/** What clients call it. */
const wrongSectorCategories = new Set(["wrong_sector", "yanlis_sektor", "yanlış_sektör"]);

/**
 * Puts feedback into the database. Those that come while a statement is on its way wait for the next one and go together, so a commit is
 * paid once for many; each is acknowledged when its own commit is durable.
 */
export class FeedbackInserter {
  readonly #database: Database;
  readonly #newId: () => string;
  readonly #nowMs: () => number;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(database: Database, newId: () => string, nowMs: () => number) {
    this.#database = database;
    this.#newId = newId;
    this.#nowMs = nowMs;
  }

  /** @throws {IdempotencyKeyReusedError} @throws the database's errors; whether it was kept is then not known without a key */
  async add(feedback: Feedback, key: IdempotencyKey | undefined): Promise<Accepted> {
    if (this.#waiting.length >= maxWaiting) throw new StorageBusyError();
    const row = this.#rowOf(feedback, key);
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  #rowOf(feedback: Feedback, key: IdempotencyKey | undefined): Row {
    const clean = withStorableTexts(feedback);
    const wrongSector =
      clean.expectedSector !== null || clean.issues.some(({ category }) => wrongSectorCategories.has(category));
    return {
      ...clean,
      message: wrongSector ? clean.message : null,
      wrongSector,
      id: this.#newId(),
      at: new Date(this.#nowMs()).toISOString(),
      owner: key?.owner ?? null,
      idempotencyKey: storable(key?.text ?? null),
      fingerprint: createHash("sha256").update(JSON.stringify(clean)).digest("hex"),
    };
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await this.#insert(this.#waiting.splice(0, batchRows));
    this.#running = false;
  }

  async #insert(batch: readonly Waiting[]): Promise<void> {
    try {
      const rows = batch.map(({ row }) => row);
      const inserted = await this.#database.query<{ id: string }>(insert, [JSON.stringify(rows)]);
      const fresh = new Set(inserted.rows.map(({ id }) => id));
      const again = batch.filter(({ row }) => !fresh.has(row.id));
      for (const { row, resolve } of batch) if (fresh.has(row.id)) resolve({ id: row.id, at: row.at, isNew: true });
      if (again.length > 0) await this.#answerAgain(again);
    } catch (failure) {
      // One feedback the database refuses must not fail its neighbours.
      if (failure instanceof SqlError && batch.length > 1) for (const one of batch) await this.#insert([one]);
      else for (const { reject } of batch) reject(failure);
    }
  }

  /** Their keys are known: the first feedback is answered for, or the key stands for another. */
  async #answerAgain(again: readonly Waiting[]): Promise<void> {
    const { rows } = await this.#database.query<KnownRow>(known, [
      again.map(({ row }) => row.owner ?? ""),
      again.map(({ row }) => row.idempotencyKey),
    ]);
    for (const { row, resolve, reject } of again) {
      const first = rows.find((one) => one.idempotency_key === row.idempotencyKey && one.owner === row.owner);
      if (first?.fingerprint === row.fingerprint) resolve({ id: first.id, at: first.at.toISOString(), isNew: false });
      else reject(new IdempotencyKeyReusedError());
    }
  }
}

function withStorableTexts(feedback: Feedback): Feedback {
  return {
    ...feedback,
    sessionId: storable(feedback.sessionId),
    messageId: storable(feedback.messageId),
    userId: storable(feedback.userId),
    comment: storable(feedback.comment),
    pilotGroup: storable(feedback.pilotGroup),
    message: storable(feedback.message),
    issues: feedback.issues.map(({ category, text }) => ({ category: storable(category), text: storable(text) })),
    suggestions: feedback.suggestions.map((suggestion) => storable(suggestion)),
  };
}

/** $1 owners, $2 their keys. Named as the index `feedback_idempotency` has them, so that it is used. */
const known = `
select f.owner, f.idempotency_key, f.id, f.at, f.fingerprint
from unnest($1::text[], $2::text[]) asked (owner, key)
join feedback f on coalesce(f.owner, '') = asked.owner and f.idempotency_key = asked.key`;

/** $1 the rows as JSON. One statement: a feedback and its example are there together or not at all. */
const insert = `
with given as (
  select * from json_to_recordset($1::json) as given (
    id text, at timestamptz, "sessionId" text, "messageId" text, "userId" text, sector text, rating int, comment text, issues jsonb,
    suggestions jsonb, "pilotGroup" text, "expectedSector" text, "trainingOptOut" boolean, owner text, "idempotencyKey" text, fingerprint text,
    message text, "wrongSector" boolean)
), fresh as (
  insert into feedback (id, at, session_id, message_id, user_id, sector, rating, comment, issues, suggestions, pilot_group,
    expected_sector, training_opt_out, owner, idempotency_key, fingerprint)
  select id, at, "sessionId", "messageId", "userId", sector, rating, comment, issues, suggestions, "pilotGroup",
    "expectedSector", "trainingOptOut", owner, "idempotencyKey", fingerprint from given
  on conflict (coalesce(owner, ''), idempotency_key) do nothing
  returning id
), examples as (
  insert into routing_examples (feedback_id, created_at, text, expected_sector)
  select id, at, message, "expectedSector" from given where "wrongSector" and id in (select id from fresh)
)
select id from fresh`;
