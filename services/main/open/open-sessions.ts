import type { Disposal } from "../../foundation/index.ts";
import type { ProcessLogger } from "../../observability/index.ts";
import { createEmbeddedSessionStore } from "../../sessions/embedded-session-store.ts";
import type { SessionStore } from "../../sessions/index.ts";
import { openJournaledSessionStore } from "../../sessions/journaled/journaled-session-store.ts";
import { connectRedis } from "../../sessions/redis-connection.ts";
import { createRedisSessionStore } from "../../sessions/redis-session-store.ts";
import type { Settings } from "../../settings/index.ts";
import type { Database } from "../../storage/index.ts";

export interface OpenedSessions {
  readonly store: SessionStore;
  /** Whether conversations can be read and kept at this moment. */
  readonly isReady: () => Promise<boolean>;
}

/** Sessions where the settings want them: in Redis, or in the platform's database. */
export async function openSessions(
  settings: Settings,
  database: Database,
  logger: ProcessLogger,
  disposal: Disposal,
): Promise<OpenedSessions> {
  const { store, ...options } = settings.sessions;
  if (store === "redis") {
    const redis = disposal.own(await connectRedis(settings.redis.url, { logger }), (opened) => opened.disconnect());
    const sessions = disposal.own(createRedisSessionStore(redis, options), (opened) => opened[Symbol.asyncDispose]());
    return { store: sessions, isReady: () => answers(() => redis.ping()) };
  }
  const isReady = () => answers(() => database.query("select 1"));
  const kept = createEmbeddedSessionStore(database, { ...options, logger });
  const { folder, backend } = settings.storage;
  // Others may write to a server as well: sessions are read from it, never from this process's memory.
  if (backend === "postgres") return { store: disposal.own(kept, (opened) => opened[Symbol.asyncDispose]()), isReady };
  const sessions = disposal.own(await openJournaledSessionStore(kept, { ...options, folder, logger }), (opened) =>
    opened[Symbol.asyncDispose](),
  );
  return { store: sessions, isReady };
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    return false;
  }
}
