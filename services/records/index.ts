export type { OwnedRequestLog, RequestCounts, RequestLog } from "./request-log.ts";
export type { RequestRow } from "./request-row.ts";
