import { type Static, Type } from "typebox";
import type { BatchFile } from "../batch/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";

export const FileReply = Type.Object({
  id: Type.String(),
  object: Type.Literal("file"),
  bytes: Type.Integer(),
  created_at: Type.Integer({ description: "Unix saniyesi. Unix seconds." }),
  expires_at: Type.Integer(),
  filename: Type.String(),
  purpose: Type.Enum(["batch", "batch_output"]),
  status: Type.Literal("processed"),
});

export function renderFile(file: BatchFile): Static<typeof FileReply> {
  return {
    id: file.id,
    object: "file",
    bytes: file.bytes,
    created_at: unixSeconds(file.createdAt),
    expires_at: unixSeconds(file.expiresAt),
    filename: file.filename,
    purpose: file.purpose,
    status: "processed",
  };
}

/** What a page of OpenAI's lists says besides its items. */
export function renderPage<Item extends { readonly id: string }>(data: readonly Item[], hasMore: boolean) {
  return {
    object: "list" as const,
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}

export function unixSeconds(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}

const leastExpiryS = 3_600;
const mostExpiryS = 2_592_000;

/** The fields of an upload form besides the file: `purpose`, and `expires_after[seconds]` from `expires_after[anchor]` on. */
export function uploadFactsOf(fields: ReadonlyMap<string, string>): { readonly expiresAfterS?: number } {
  const purpose = fields.get("purpose");
  if (purpose !== "batch")
    throw new InvalidRequestError('purpose: must be "batch"', {
      param: "purpose",
      messageTr: '"purpose" alanı "batch" olmalı',
    });
  const anchor = fields.get("expires_after[anchor]");
  const seconds = fields.get("expires_after[seconds]");
  if (anchor === undefined && seconds === undefined) return {};
  const expiresAfterS = Number(seconds);
  const isRight = anchor === "created_at" && Number.isInteger(expiresAfterS);
  if (!isRight || expiresAfterS < leastExpiryS || expiresAfterS > mostExpiryS)
    throw new InvalidRequestError(
      `expires_after: needs anchor "created_at" and ${leastExpiryS} to ${mostExpiryS} seconds`,
      {
        param: "expires_after",
        messageTr: `"expires_after": "created_at" ve ${leastExpiryS}–${mostExpiryS} saniye olmalı`,
      },
    );
  return { expiresAfterS };
}
