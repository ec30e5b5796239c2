export type { OwnedRequestLog, RequestCounts, RequestLog, TurnMoment } from "./request-log.ts";
export type { RequestRow } from "./request-row.ts";
