/** Appends turns to the sessions in argv[2], saying the number of each once it is kept, until somebody ends the process. */
import { createEmbeddedSessionStore } from "../../services/sessions/embedded-session-store.ts";
import { openJournaledSessionStore } from "../../services/sessions/journaled/journaled-session-store.ts";
import { openPgliteDatabase } from "../../services/storage/pglite/pglite-database.ts";

const folder = process.argv[2] ?? "";
const database = await openPgliteDatabase({ folder });
const limits = { ttlS: 3600, maxMessages: 200 };
const store = await openJournaledSessionStore(createEmbeddedSessionStore(database, limits), { ...limits, folder });
const at = "2026-01-01T00:00:00.000Z";
for (let n = 0; ; n++) {
  const messages = (["user", "assistant"] as const).map((role) => ({
    id: `${n}-${role}`,
    role,
    content: `ileti ${n}`,
    at,
  }));
  await store.append(`session-${n}`, { sector: "energy", messages });
  process.stdout.write(`${n}\n`);
}
