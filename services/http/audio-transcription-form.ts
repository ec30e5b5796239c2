import type { Multipart } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { InvalidRequestError, PlatformError } from "../foundation/index.ts";
import { AudioTooLargeError } from "../speech/index.ts";

export const transcriptFormats = ["json", "text", "srt", "vtt", "verbose_json"] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

/** What `POST /v1/audio/transcriptions` is asked. */
export interface TranscriptionForm {
  readonly file: Buffer;
  readonly format: TranscriptFormat;
  /** ISO 639-1 or -3, lower case. */
  readonly language?: string;
  readonly prompt?: string;
  /** What `verbose_json` lists. */
  readonly lists: { readonly segments: boolean; readonly words: boolean };
  readonly stream: boolean;
}

/** The form's fields by name; those that may come several times end in `[]`. */
type Fields = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the whole form; its file is held in memory, no more of it than `maxFileBytes`.
 * @throws {InvalidRequestError} @throws {AudioTooLargeError}
 */
export async function readTranscriptionForm(request: FastifyRequest, maxFileBytes: number): Promise<TranscriptionForm> {
  if (!request.isMultipart())
    throw new InvalidRequestError("Send multipart/form-data with a file.", {
      messageTr: "İstek, dosyalı bir form (multipart/form-data) olmalı.",
    });
  const { file, fields } = await readParts(request.parts(), maxFileBytes);
  if (file === undefined)
    throw new InvalidRequestError("file: there is none", { param: "file", messageTr: '"file" alanında dosya yok' });
  const format = oneOf(fields, "response_format", transcriptFormats) ?? "json";
  const stream = oneOf(fields, "stream", ["true", "false"]) === "true";
  if (stream && format !== "json" && format !== "text")
    throw invalid("stream", "goes with json and text only", "yalnızca json ve text ile olur");
  // Our recognisers are certain of what they say, so it changes nothing; a wrong one is still a mistake to be told.
  const temperature = Number(fields.get("temperature")?.[0] ?? 0);
  if (!(temperature >= 0 && temperature <= 1))
    throw invalid("temperature", "must be 0 to 1", "0 ile 1 arasında olmalı");
  const prompt = fields.get("prompt")?.[0];
  return {
    file,
    format,
    stream,
    lists: listsOf(fields, format),
    ...languageOf(fields),
    ...(prompt === undefined || prompt === "" ? {} : { prompt }),
  };
}

async function readParts(parts: AsyncIterable<Multipart>, maxFileBytes: number) {
  const fields = new Map<string, string[]>();
  let file: Buffer | undefined;
  try {
    for await (const part of parts) {
      if (part.type === "field")
        fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), String(part.value)]);
      else if (part.fieldname === "file") file = await part.toBuffer();
      else part.file.resume();
    }
  } catch (thrown) {
    if (thrown instanceof PlatformError) throw thrown;
    if ((thrown as { readonly code?: unknown }).code === "FST_REQ_FILE_TOO_LARGE")
      throw new AudioTooLargeError(maxFileBytes);
    throw new InvalidRequestError("The form is broken.", { messageTr: "Form bozuk." });
  }
  return { file, fields };
}

function languageOf(fields: Fields): { readonly language?: string } {
  const language = fields.get("language")?.[0] ?? "";
  if (language === "") return {};
  const primary = /^([a-z]{2,3})(?:-[a-z0-9]{2,8})?$/i.exec(language)?.[1];
  if (primary === undefined) throw invalid("language", 'must be a code such as "tr"', '"tr" gibi bir kod olmalı');
  return { language: primary.toLowerCase() };
}

function listsOf(fields: Fields, format: TranscriptFormat) {
  const asked = fields.get("timestamp_granularities[]") ?? fields.get("timestamp_granularities") ?? [];
  if (asked.length === 0) return { segments: true, words: true };
  if (format !== "verbose_json")
    throw invalid("timestamp_granularities", "goes with verbose_json only", "yalnızca verbose_json ile olur");
  if (asked.some((one) => one !== "word" && one !== "segment"))
    throw invalid("timestamp_granularities", 'must be "word" or "segment"', '"word" ya da "segment" olmalı');
  return { segments: asked.includes("segment"), words: asked.includes("word") };
}

function oneOf<Value extends string>(fields: Fields, name: string, values: readonly Value[]): Value | undefined {
  const said = fields.get(name)?.[0];
  if (said === undefined || said === "") return undefined;
  const value = values.find((one) => one === said);
  if (value === undefined)
    throw invalid(name, `must be one of ${values.join(", ")}`, `şunlardan biri olmalı: ${values.join(", ")}`);
  return value;
}

function invalid(param: string, en: string, tr: string): InvalidRequestError {
  return new InvalidRequestError(`${param}: ${en}`, { param, messageTr: `"${param}" ${tr}` });
}
