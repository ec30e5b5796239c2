import type { Message } from "./messages.ts";

const limitMs = 60_000;

interface Reply {
  readonly sector: string | null;
  readonly session_id: string | null;
  readonly message_id: string;
}

/** One turn, whole. @throws {Error} the gateway refuses it */
export async function chat(url: string, body: Readonly<Record<string, unknown>>): Promise<Reply> {
  const response = await post(url, "/api/v1/chat", body);
  if (!response.ok) throw new Error(`/api/v1/chat ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { data: Reply }).data;
}

/** A stream that is read to its end. */
export async function stream(url: string, { text }: Message): Promise<void> {
  await (await post(url, "/api/v1/chat", { message: text, stream: true })).text();
}

/** A stream whose reader leaves after the first piece. */
export async function abandon(url: string, { text, sector }: Message): Promise<void> {
  const leave = new AbortController();
  const response = await post(
    url,
    "/api/v1/chat",
    { message: text, sector, stream: true, max_tokens: 200 },
    leave.signal,
  );
  const reader = response.body?.getReader();
  await reader?.read();
  leave.abort();
  await reader?.read().catch(() => undefined);
}

/** A conversation that begins in one sector and goes on in another. */
export async function changeSubject(url: string, first: Message, then: Message): Promise<void> {
  const { session_id } = await chat(url, { message: first.text, sector: first.sector });
  await chat(url, { message: then.text, sector: then.sector, ...(session_id === null ? {} : { session_id }) });
}

/** A turn and what its reader thinks of it. @param rating 1–5, made up: it is nobody's opinion */
export async function rated(url: string, { text, sector }: Message, rating: number): Promise<void> {
  const { message_id } = await chat(url, { message: text, sector });
  await post(url, "/v1/feedback", { rating, message_id, sector });
}

/** A turn as a job of the queue. */
export async function job(url: string, { text, sector }: Message): Promise<void> {
  await post(url, "/v2/sektor/runsync", { input: { prompt: text, sector, max_new_tokens: 24 } });
}

/** What the gateway refuses: a sector nobody knows, a body that is none, an address that is none. */
export async function mistakes(url: string): Promise<void> {
  await post(url, "/api/v1/chat", { message: "Merhaba", sector: "yok_boyle_bir_sektor" });
  await post(url, "/api/v1/chat", { message: 7 });
  await fetch(`${url}/yok`, { signal: AbortSignal.timeout(limitMs) }).then((response) => response.text());
}

/** The form for pilot users, sent once; a limit may refuse it. */
export async function form(url: string): Promise<void> {
  const body = new URLSearchParams({ rating: "4" });
  await fetch(`${url}/feedback`, { method: "POST", body, signal: AbortSignal.timeout(limitMs) }).then((reply) =>
    reply.text(),
  );
}

async function post(url: string, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal === undefined ? [] : [signal])]),
  });
  // What was refused has been said; a body left unread would hold its connection.
  if (!response.ok) return new Response(await response.text(), { status: response.status });
  return response;
}
