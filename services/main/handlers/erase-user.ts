import type { FeedbackStore } from "../../feedback/index.ts";
import { storable } from "../../foundation/index.ts";
import type { EraseUser } from "../../http/index.ts";
import type { OwnedRequestLog } from "../../records/index.ts";
import type { SessionStore } from "../../sessions/index.ts";
import type { EraseRecordings } from "../../voice/index.ts";

/**
 * Feedback, requests and recordings go by the user's name and by the user's sessions. Feedback goes before the requests, which say whose it is where
 * it names nobody; the sessions go last, since they say which are the user's. What fails midway is finished by asking again.
 */
export function createEraseUser(
  sessions: Pick<SessionStore, "sessionsOf" | "delete">,
  requests: Pick<OwnedRequestLog, "flush" | "eraseUser">,
  feedback: Pick<FeedbackStore, "eraseUser">,
  eraseRecordings: EraseRecordings = async () => 0,
): EraseUser {
  return async (said) => {
    // As it was kept.
    const userId = storable(said);
    const ids = await sessions.sessionsOf(userId);
    await requests.flush();
    const erasedFeedback = await feedback.eraseUser(userId, ids);
    const erasedRequests = await requests.eraseUser(userId, ids);
    const recordings = await eraseRecordings(userId, ids);
    for (const id of ids) await sessions.delete(id);
    return { sessions: ids.length, requests: erasedRequests, feedback: erasedFeedback, recordings };
  };
}
